package io.mitune.diffusion.sampling;

import ai.djl.ndarray.types.Shape;
import java.util.List;

/**
 * What one request gave, in its order.
 *
 * @param latentShape C, H, W of each sample's latents
 * @param samples the samples
 * @param weights timestep, weight and window of each sampling step
 */
public record Samples(Shape latentShape, List<Sample> samples, MiWeights weights) {
    /** Timestep of each sampling step, first to last; fractions occur with Euler. */
    public double[] timesteps() {
        return weights.timesteps();
    }
}
