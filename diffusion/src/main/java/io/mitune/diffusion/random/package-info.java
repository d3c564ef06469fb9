/** Counter-based random numbers: a value is a function of its key and position, not of history. */
package io.mitune.diffusion.random;
