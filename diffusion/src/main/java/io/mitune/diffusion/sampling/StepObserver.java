package io.mitune.diffusion.sampling;

import ai.djl.ndarray.NDArray;

/**
 * Sees what the model says at each sampling step, before guidance mixes it.
 *
 * <p>Called on the sampling thread. The arrays belong to the step and are gone after it: derive, do
 * not keep, do not change.
 */
public interface StepObserver {
    /**
     * @param step index of the model call, from 0
     * @param timestep the train timestep asked about
     * @param conditional prediction given the prompt, [B, C, H, W], in the model's own prediction
     *     type
     * @param unconditional prediction given the negative prompt, likewise
     */
    void observe(int step, double timestep, NDArray conditional, NDArray unconditional);
}
