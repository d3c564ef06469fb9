package io.mitune.diffusion.model;

import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.model.clip.ClipTextConfig;
import io.mitune.diffusion.model.clip.ClipTextModelWithProjection;
import io.mitune.diffusion.model.sd3.SD3Transformer2DModel;
import io.mitune.diffusion.model.sd3.Sd3Config;
import io.mitune.diffusion.model.t5.T5Config;
import io.mitune.diffusion.model.t5.T5EncoderModel;
import io.mitune.diffusion.model.vae.VaeConfig;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.Weights;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.WeightFiles;
import io.mitune.diffusion.text.ClipTokenizer;
import io.mitune.diffusion.text.T5Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Puts the networks of Stable Diffusion 3 and 3.5 together; T5 may be absent. */
final class Sd3Assembly {
    private static final String ENCODER_3 = "text_encoder_3";
    private static final List<String> OTHER_FILES =
            List.of(
                    ModelIndex.FILE, // whether there is a T5
                    "transformer/config.json",
                    "text_encoder/config.json",
                    "text_encoder_2/config.json",
                    "text_encoder_3/config.json",
                    "tokenizer/vocab.json",
                    "tokenizer/merges.txt",
                    "tokenizer/tokenizer.json",
                    "tokenizer/tokenizer_config.json",
                    "tokenizer/special_tokens_map.json",
                    "tokenizer_2/vocab.json",
                    "tokenizer_2/merges.txt",
                    "tokenizer_2/tokenizer.json",
                    "tokenizer_2/tokenizer_config.json",
                    "tokenizer_2/special_tokens_map.json",
                    "tokenizer_3/tokenizer.json");

    private final Path directory;
    private final LoadOptions options;
    private final NDManager manager;
    private final Sd3Config config;
    private final List<WeightFiles> files = new ArrayList<>();

    private Sd3Assembly(Path directory, LoadOptions options, NDManager manager) {
        this.directory = directory;
        this.options = options;
        this.manager = manager;
        config = Sd3Config.read(file());
    }

    static Parts read(Path directory, LoadOptions options, NDManager manager, VaeConfig vae) {
        var assembly = new Sd3Assembly(directory, options, manager);
        Parts.requireChannels(assembly.file(), assembly.config.inChannels(), vae);
        var text = assembly.text();
        var transformer = assembly.transformer();
        return new Parts(transformer, text, List.copyOf(assembly.files), OTHER_FILES);
    }

    private Path file() {
        return directory.resolve("transformer/config.json");
    }

    private SD3Transformer2DModel transformer() {
        var found = WeightFiles.find(directory.resolve("transformer"), Parts.DIFFUSERS_NAME);
        files.add(found);
        var weights = Weights.of(found, manager, options.dtype(), options.adapters());
        var transformer = new SD3Transformer2DModel(weights, config);
        weights.requireAllRead();
        return transformer;
    }

    private Sd3Text text() {
        var one = ClipTextConfig.read(directory.resolve("text_encoder/config.json"));
        var two = ClipTextConfig.read(directory.resolve("text_encoder_2/config.json"));
        int pooled = one.projectionDim() + two.projectionDim();
        if (config.pooledProjectionDim() != pooled) {
            throw new ModelFileException(
                    file(),
                    "pooled_projection_dim: expected %d as the sum of both projection_dim, found %d"
                            .formatted(pooled, config.pooledProjectionDim()));
        }
        int hidden = one.hiddenSize() + two.hiddenSize();
        if (config.jointAttentionDim() < hidden) {
            throw new ModelFileException(
                    file(),
                    "joint_attention_dim: expected at least %d, the sum of both hidden_size, found %d"
                            .formatted(hidden, config.jointAttentionDim()));
        }
        var first = clip("", one);
        var second = clip("_2", two);
        int length = first.tokenizer().maxLength();
        if (second.tokenizer().maxLength() != length) {
            throw new ModelFileException(
                    directory.resolve("tokenizer_2"),
                    "model_max_length: expected %d as the first tokenizer's, found %d"
                            .formatted(length, second.tokenizer().maxLength()));
        }
        return new Sd3Text(first, second, t5(), config.jointAttentionDim(), manager);
    }

    private Sd3Text.Clip clip(String suffix, ClipTextConfig clip) {
        var folder = directory.resolve("tokenizer" + suffix);
        var tokenizer = ClipTokenizer.load(folder);
        Parts.requireLength(folder, tokenizer.maxLength(), clip);
        var found = WeightFiles.find(directory.resolve("text_encoder" + suffix), "model");
        files.add(found);
        return new Sd3Text.Clip(
                tokenizer,
                new TextEncoder<>(
                        found,
                        w -> new ClipTextModelWithProjection(w, clip),
                        manager,
                        options.dtype()));
    }

    private Optional<Sd3Text.T5> t5() {
        var index = JsonConfig.read(directory.resolve(ModelIndex.FILE));
        if (index.texts(ENCODER_3).stream().allMatch("null"::equals)) {
            return Optional.empty();
        }
        ModelIndex.requireClass(index, ENCODER_3, "T5EncoderModel");
        ModelIndex.requireClass(index, "tokenizer_3", "T5Tokenizer");
        var t5 = T5Config.read(directory.resolve("text_encoder_3/config.json"));
        if (t5.dModel() != config.jointAttentionDim()) {
            throw new ModelFileException(
                    file(),
                    "joint_attention_dim: expected %d as text_encoder_3's d_model, found %d"
                            .formatted(t5.dModel(), config.jointAttentionDim()));
        }
        var tokenizer = T5Tokenizer.load(directory.resolve("tokenizer_3"));
        var found = WeightFiles.find(directory.resolve(ENCODER_3), "model");
        files.add(found);
        // the states of T5-XXL exceed the range of fp16
        var dtype = options.dtype() == Dtype.FP16 ? Dtype.BF16 : options.dtype();
        var encoder = new TextEncoder<>(found, w -> new T5EncoderModel(w, t5), manager, dtype);
        return Optional.of(new Sd3Text.T5(tokenizer, encoder));
    }
}
