package io.mitune.diffusion.model;

import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.model.unet.UNet2DConditionModel;
import io.mitune.diffusion.model.unet.UNetConfig;
import io.mitune.diffusion.model.vae.VaeConfig;
import io.mitune.diffusion.nn.Weights;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.WeightFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Puts the networks of Stable Diffusion XL together. Stateless. */
final class SdxlAssembly {
    private final Path directory;
    private final ClipTower first;
    private final ClipTower second;
    private final UNetConfig unetConfig;

    private SdxlAssembly(Path directory) {
        this.directory = directory;
        first = ClipTower.read(directory, "");
        second = ClipTower.read(directory, "_2");
        unetConfig = UNetConfig.read(directory.resolve("unet/config.json"));
    }

    static Parts read(Path directory, LoadOptions options, NDManager manager, VaeConfig vae) {
        var assembly = new SdxlAssembly(directory);
        assembly.requireMatch(vae);
        return assembly.parts(options, manager, vae);
    }

    private Parts parts(LoadOptions options, NDManager manager, VaeConfig vae) {
        var unetFiles = WeightFiles.find(directory.resolve("unet"), Parts.DIFFUSERS_NAME);
        var weights = Weights.of(unetFiles, manager, options.dtype(), options.adapters());
        var unet = new UNet2DConditionModel(weights, unetConfig, vae.scale());
        weights.requireAllRead();
        boolean zeros =
                JsonConfig.read(directory.resolve(ModelIndex.FILE))
                        .flag("force_zeros_for_empty_prompt", true);
        var text =
                new SdxlText(
                        first.penultimate(manager, options.dtype()),
                        second.penultimateAndProjected(manager, options.dtype()),
                        zeros);
        return new Parts(
                unet,
                text,
                List.of(first.weights(), second.weights(), unetFiles),
                Stream.concat(
                                // the index says what an absent negative prompt is
                                Stream.of(ModelIndex.FILE, "unet/config.json"),
                                ClipTower.otherFiles("", "_2"))
                        .toList());
    }

    private void requireMatch(VaeConfig vae) {
        second.requireLengthOf(first);
        var file = directory.resolve("unet/config.json");
        int hidden = first.config().hiddenSize() + second.config().hiddenSize();
        if (unetConfig.crossAttentionDim() != hidden) {
            throw new ModelFileException(
                    file,
                    "cross_attention_dim: expected %d as the sum of both hidden_size, found %d"
                            .formatted(hidden, unetConfig.crossAttentionDim()));
        }
        int pooled = unetConfig.textTime().map(UNetConfig.TextTime::pooledDim).orElse(0);
        if (pooled != second.config().projectionDim()) {
            throw new ModelFileException(
                    file,
                    "projection_class_embeddings_input_dim: expected 6 x addition_time_embed_dim"
                            + " and %d as text_encoder_2's projection_dim, found %d beside the 6 x"
                                    .formatted(second.config().projectionDim(), pooled));
        }
        Parts.requireChannels(file, unetConfig.inChannels(), vae);
    }
}
