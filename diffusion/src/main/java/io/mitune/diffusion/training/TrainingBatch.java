package io.mitune.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.model.TextEmbedding;

/**
 * The input of one forward and backward pass, on the device.
 *
 * @param latents clean latents x_0, [B, C, H, W] fp32
 * @param noise eps, of the same shape, the noise offset included
 * @param trainSteps one a sample: the timestep of a diffusion, the place in the scheduler's sigmas
 *     of a rectified flow
 * @param text B captions
 */
public record TrainingBatch(NDArray latents, NDArray noise, int[] trainSteps, TextEmbedding text) {

    /**
     * The same on the owner's device, and the owner's: what is computed from it is the owner's,
     * too.
     */
    TrainingBatch on(NDManager owner) {
        return new TrainingBatch(
                copy(owner, latents), copy(owner, noise), trainSteps, text.on(owner));
    }

    private static NDArray copy(NDManager owner, NDArray array) {
        var copy = array.toDevice(owner.getDevice(), true);
        copy.attach(owner);
        return copy;
    }
}
