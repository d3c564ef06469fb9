/**
 * How the work queue scales: simulated workers that sleep instead of drawing, and all else as it is
 * in production. {@code benchmarks/queue} runs it.
 */
package io.mitune.benchmarks.queue;
