package io.mitune.diffusion.model;

import io.mitune.diffusion.model.vae.VaeConfig;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.WeightFiles;
import java.nio.file.Path;
import java.util.List;

/**
 * What a family's assembly made of a directory, apart from the autoencoder, which is alike in all.
 *
 * @param denoiser the network that is asked and trained
 * @param text tokenizers and text encoders
 * @param weightFiles of all these networks
 * @param otherFiles that decide what the model computes, below the directory; some may be missing
 */
record Parts(
        Denoiser denoiser,
        TextConditioner text,
        List<WeightFiles> weightFiles,
        List<String> otherFiles) {

    /** Stem of weight files that diffusers writes. */
    static final String DIFFUSERS_NAME = "diffusion_pytorch_model";

    /** Refuses a denoiser that takes other latents than the autoencoder makes. */
    static void requireChannels(Path config, int inChannels, VaeConfig vae) {
        if (inChannels != vae.latentChannels()) {
            throw new ModelFileException(
                    config,
                    "in_channels: expected %d as vae's latent_channels, found %d"
                            .formatted(vae.latentChannels(), inChannels));
        }
    }
}
