package io.mitune.diffusion.model;

import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.model.clip.ClipTextConfig;
import io.mitune.diffusion.model.unet.UNet2DConditionModel;
import io.mitune.diffusion.model.unet.UNetConfig;
import io.mitune.diffusion.model.vae.VaeConfig;
import io.mitune.diffusion.nn.Weights;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.WeightFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Puts the networks of Stable Diffusion 1 and 2 together. Stateless. */
final class SdAssembly {
    private SdAssembly() {}

    static Parts read(Path directory, LoadOptions options, NDManager manager, VaeConfig vae) {
        var tower = ClipTower.read(directory, "");
        var unetConfig = UNetConfig.read(directory.resolve("unet/config.json"));
        requireMatch(directory, unetConfig, tower.config(), vae);
        var unetFiles = WeightFiles.find(directory.resolve("unet"), Parts.DIFFUSERS_NAME);
        var weights = Weights.of(unetFiles, manager, options.dtype(), options.adapters());
        var unet = new UNet2DConditionModel(weights, unetConfig, vae.scale());
        weights.requireAllRead();
        return new Parts(
                unet,
                new SdText(tower.last(manager, options.dtype())),
                List.of(tower.weights(), unetFiles),
                Stream.concat(Stream.of("unet/config.json"), ClipTower.otherFiles("")).toList());
    }

    private static void requireMatch(
            Path directory, UNetConfig unet, ClipTextConfig text, VaeConfig vae) {
        if (unet.crossAttentionDim() != text.hiddenSize()) {
            throw new ModelFileException(
                    directory.resolve("unet/config.json"),
                    "cross_attention_dim: expected %d as text_encoder's hidden_size, found %d"
                            .formatted(text.hiddenSize(), unet.crossAttentionDim()));
        }
        if (unet.textTime().isPresent()) {
            throw new ModelFileException(
                    directory.resolve("unet/config.json"),
                    "unsupported addition_embed_type=\"text_time\" in a pipeline of one text encoder");
        }
        Parts.requireChannels(directory.resolve("unet/config.json"), unet.inChannels(), vae);
    }
}
