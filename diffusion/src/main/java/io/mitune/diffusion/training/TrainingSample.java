package io.mitune.diffusion.training;

import java.util.Arrays;

/**
 * One pair to train on, in host memory: a latent image and its caption's encoding.
 *
 * <p>Trainers work from cached latents and embeddings, without VAE and text encoder in the loop.
 * The arrays are not copied: treat them as read-only.
 *
 * @param latents scaled latent, [C, H, W] row-major
 * @param latentShape {C, H, W}
 * @param encoderHiddenStates text encoding, [L, D] row-major
 * @param encodingShape {L, D}
 */
public record TrainingSample(
        float[] latents, long[] latentShape, float[] encoderHiddenStates, long[] encodingShape) {

    public TrainingSample {
        require("latents", latents, latentShape, 3);
        require("encoder hidden states", encoderHiddenStates, encodingShape, 2);
    }

    private static void require(String what, float[] values, long[] shape, int dims) {
        long expected = Arrays.stream(shape).reduce(1, (x, y) -> x * y);
        if (shape.length != dims || expected != values.length) {
            throw new IllegalArgumentException(
                    "training sample %s: expected %d dimensions and %d values, found %s and %d"
                            .formatted(
                                    what, dims, expected, Arrays.toString(shape), values.length));
        }
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new IllegalArgumentException(
                        "training sample %s: expected finite values, found %s at %d"
                                .formatted(what, values[i], i));
            }
        }
    }
}
