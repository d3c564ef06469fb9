package io.mitune.diffusion.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.model.clip.ClipTextConfig;
import io.mitune.diffusion.model.sd3.SD3Transformer2DModel;
import io.mitune.diffusion.model.sd3.Sd3Config;
import io.mitune.diffusion.model.t5.T5Config;
import io.mitune.diffusion.model.t5.T5EncoderModel;
import io.mitune.diffusion.model.vae.VaeConfig;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.Weights;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.WeightFiles;
import io.mitune.diffusion.text.T5Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Puts the networks of Stable Diffusion 3 and 3.5 together; T5 may be absent. */
final class Sd3Assembly {
    private static final String ENCODER_3 = "text_encoder_3";
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
        var others =
                Stream.concat(
                                // the index says whether there is a T5
                                Stream.of(
                                        ModelIndex.FILE,
                                        "transformer/config.json",
                                        "text_encoder_3/config.json",
                                        "tokenizer_3/tokenizer.json"),
                                ClipTower.otherFiles("", "_2"))
                        .toList();
        return new Parts(transformer, text, List.copyOf(assembly.files), others);
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
        var first = ClipTower.read(directory, "");
        var second = ClipTower.read(directory, "_2");
        second.requireLengthOf(first);
        requireWidths(first.config(), second.config());
        files.addAll(List.of(first.weights(), second.weights()));
        return new Sd3Text(
                first.penultimateAndProjected(manager, options.dtype()),
                second.penultimateAndProjected(manager, options.dtype()),
                t5(),
                config.jointAttentionDim());
    }

    private void requireWidths(ClipTextConfig one, ClipTextConfig two) {
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
    }

    private Optional<TextEncoder> t5() {
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
        return Optional.of(
                new TextEncoder(
                        found, w -> network(tokenizer, new T5EncoderModel(w, t5)), manager, dtype));
    }

    private static TextEncoder.Network network(T5Tokenizer tokenizer, T5EncoderModel model) {
        return (owner, texts) -> {
            try (var scratch = owner.newSubManager()) {
                var ids = texts.stream().map(text -> ids(scratch, tokenizer, text)).toList();
                var all = new ArrayList<TextEmbedding>();
                for (var states : model.forward(ids)) {
                    all.add(TextEmbedding.of(Dtype.FP32.cast(states)));
                    states.close();
                }
                all.forEach(text -> text.attach(owner));
                return all;
            }
        };
    }

    private static NDArray ids(NDManager owner, T5Tokenizer tokenizer, String text) {
        var tokens = tokenizer.encode(text, T5Tokenizer.DEFAULT_LENGTH);
        return owner.create(new long[][] {Arrays.stream(tokens).asLongStream().toArray()});
    }
}
