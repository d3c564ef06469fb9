package io.mitune.diffusion.training;

/**
 * One pair to train on, in host memory: a latent image and its caption.
 *
 * <p>Trainers work from cached latents and embeddings, without VAE and text encoder in the loop.
 * The array is not copied: treat it as read-only.
 *
 * @param latents scaled latent, [C, H, W] row-major
 * @param latentShape {C, H, W}
 * @param caption the encoded caption
 */
public record TrainingSample(float[] latents, long[] latentShape, EncodedCaption caption) {

    public TrainingSample {
        Finite.require("latents", latents, latentShape, 3);
    }
}
