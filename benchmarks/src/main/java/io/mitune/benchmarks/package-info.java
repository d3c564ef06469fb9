/**
 * Our side of the side-by-side measurements; {@code benchmarks/run} runs it against the Python
 * libraries.
 */
package io.mitune.benchmarks;
