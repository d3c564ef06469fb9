package io.mitune.diffusion.training;

import ai.djl.ndarray.NDArray;
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
public record TrainingBatch(NDArray latents, NDArray noise, int[] trainSteps, TextEmbedding text) {}
