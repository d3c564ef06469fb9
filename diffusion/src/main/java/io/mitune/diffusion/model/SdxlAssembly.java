package io.mitune.diffusion.model;

import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.model.clip.ClipTextConfig;
import io.mitune.diffusion.model.clip.ClipTextModelWithProjection;
import io.mitune.diffusion.model.unet.UNet2DConditionModel;
import io.mitune.diffusion.model.unet.UNetConfig;
import io.mitune.diffusion.model.vae.VaeConfig;
import io.mitune.diffusion.nn.Weights;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.WeightFiles;
import io.mitune.diffusion.text.ClipTokenizer;
import java.nio.file.Path;
import java.util.List;

/** Puts the networks of Stable Diffusion XL together. Stateless. */
final class SdxlAssembly {
    private static final List<String> OTHER_FILES =
            List.of(
                    ModelIndex.FILE, // force_zeros_for_empty_prompt
                    "unet/config.json",
                    "text_encoder/config.json",
                    "text_encoder_2/config.json",
                    "tokenizer/vocab.json",
                    "tokenizer/merges.txt",
                    "tokenizer/tokenizer.json",
                    "tokenizer/tokenizer_config.json",
                    "tokenizer/special_tokens_map.json",
                    "tokenizer_2/vocab.json",
                    "tokenizer_2/merges.txt",
                    "tokenizer_2/tokenizer.json",
                    "tokenizer_2/tokenizer_config.json",
                    "tokenizer_2/special_tokens_map.json");

    private final Path directory;
    private final ClipTokenizer tokenizer;
    private final ClipTokenizer tokenizer2;
    private final ClipTextConfig textConfig;
    private final ClipTextConfig textConfig2;
    private final UNetConfig unetConfig;

    private SdxlAssembly(Path directory) {
        this.directory = directory;
        tokenizer = ClipTokenizer.load(directory.resolve("tokenizer"));
        tokenizer2 = ClipTokenizer.load(directory.resolve("tokenizer_2"));
        textConfig = ClipTextConfig.read(directory.resolve("text_encoder/config.json"));
        textConfig2 = ClipTextConfig.read(directory.resolve("text_encoder_2/config.json"));
        unetConfig = UNetConfig.read(directory.resolve("unet/config.json"));
    }

    static Parts read(Path directory, LoadOptions options, NDManager manager, VaeConfig vae) {
        var assembly = new SdxlAssembly(directory);
        assembly.requireMatch(vae);
        return assembly.parts(options, manager, vae);
    }

    private Parts parts(LoadOptions options, NDManager manager, VaeConfig vae) {
        var textFiles = WeightFiles.find(directory.resolve("text_encoder"), "model");
        var textFiles2 = WeightFiles.find(directory.resolve("text_encoder_2"), "model");
        var unetFiles = WeightFiles.find(directory.resolve("unet"), Parts.DIFFUSERS_NAME);
        var weights = Weights.of(unetFiles, manager, options.dtype(), options.adapters());
        var unet = new UNet2DConditionModel(weights, unetConfig, vae.scale());
        weights.requireAllRead();
        var first = TextEncoder.clip(textFiles, textConfig, manager, options.dtype());
        var second =
                new TextEncoder<>(
                        textFiles2,
                        w -> new ClipTextModelWithProjection(w, textConfig2),
                        manager,
                        options.dtype());
        boolean zeros =
                JsonConfig.read(directory.resolve(ModelIndex.FILE))
                        .flag("force_zeros_for_empty_prompt", true);
        var text =
                new SdxlText(
                        new SdxlText.Way<>(tokenizer, first),
                        new SdxlText.Way<>(tokenizer2, second),
                        manager,
                        zeros);
        return new Parts(unet, text, List.of(textFiles, textFiles2, unetFiles), OTHER_FILES);
    }

    private void requireMatch(VaeConfig vae) {
        requireLengths();
        var file = directory.resolve("unet/config.json");
        int hidden = textConfig.hiddenSize() + textConfig2.hiddenSize();
        if (unetConfig.crossAttentionDim() != hidden) {
            throw new ModelFileException(
                    file,
                    "cross_attention_dim: expected %d as the sum of both hidden_size, found %d"
                            .formatted(hidden, unetConfig.crossAttentionDim()));
        }
        int pooled = unetConfig.textTime().map(UNetConfig.TextTime::pooledDim).orElse(0);
        if (pooled != textConfig2.projectionDim()) {
            throw new ModelFileException(
                    file,
                    "projection_class_embeddings_input_dim: expected 6 x addition_time_embed_dim"
                            + " and %d as text_encoder_2's projection_dim, found %d beside the 6 x"
                                    .formatted(textConfig2.projectionDim(), pooled));
        }
        Parts.requireChannels(file, unetConfig.inChannels(), vae);
    }

    private void requireLengths() {
        var folder2 = directory.resolve("tokenizer_2");
        Parts.requireLength(directory.resolve("tokenizer"), tokenizer.maxLength(), textConfig);
        Parts.requireLength(folder2, tokenizer2.maxLength(), textConfig2);
        if (tokenizer.maxLength() != tokenizer2.maxLength()) {
            throw new ModelFileException(
                    folder2,
                    "model_max_length: expected %d as the first tokenizer's, found %d"
                            .formatted(tokenizer.maxLength(), tokenizer2.maxLength()));
        }
    }
}
