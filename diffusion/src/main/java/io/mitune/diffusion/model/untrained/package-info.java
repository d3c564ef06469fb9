/** Small models with random weights, to run the stream of a family without its checkpoint. */
package io.mitune.diffusion.model.untrained;
