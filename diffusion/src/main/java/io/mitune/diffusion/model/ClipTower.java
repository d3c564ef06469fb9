package io.mitune.diffusion.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.model.clip.ClipTextConfig;
import io.mitune.diffusion.model.clip.ClipTextModel;
import io.mitune.diffusion.model.clip.ClipTextModelWithProjection;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.WeightFiles;
import io.mitune.diffusion.text.ClipTokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What lies on disk of a CLIP tower: tokenizer, configuration and weights; and the ways from a text
 * to its states. Immutable.
 *
 * @param folder of the tokenizer
 * @param tokenizer makes at most as many tokens as the tower has places for
 * @param config of the tower
 * @param weights of the tower
 */
record ClipTower(Path folder, ClipTokenizer tokenizer, ClipTextConfig config, WeightFiles weights) {

    private static final List<String> TOKENIZER_FILES =
            List.of(
                    "vocab.json",
                    "merges.txt",
                    "tokenizer.json",
                    "tokenizer_config.json",
                    "special_tokens_map.json");

    /**
     * @param directory of the whole model
     * @param suffix of both folders: none for the first tower, "_2" for the second
     */
    static ClipTower read(Path directory, String suffix) {
        var folder = directory.resolve("tokenizer" + suffix);
        var encoder = directory.resolve("text_encoder" + suffix);
        var tokenizer = ClipTokenizer.load(folder);
        var config = ClipTextConfig.read(encoder.resolve("config.json"));
        if (tokenizer.maxLength() > config.maxPositionEmbeddings()) {
            throw new ModelFileException(
                    folder,
                    "model_max_length: expected at most %d as max_position_embeddings, found %d"
                            .formatted(config.maxPositionEmbeddings(), tokenizer.maxLength()));
        }
        return new ClipTower(folder, tokenizer, config, WeightFiles.find(encoder, "model"));
    }

    /** Files beside the weights that decide what towers compute; some may be missing. */
    static Stream<String> otherFiles(String... suffixes) {
        return Stream.of(suffixes)
                .flatMap(
                        suffix ->
                                Stream.concat(
                                        Stream.of("text_encoder" + suffix + "/config.json"),
                                        TOKENIZER_FILES.stream()
                                                .map(n -> "tokenizer" + suffix + "/" + n)));
    }

    /** Refuses a tokenizer of another length than the first tower's: their states stand abreast. */
    void requireLengthOf(ClipTower first) {
        if (tokenizer.maxLength() != first.tokenizer.maxLength()) {
            throw new ModelFileException(
                    folder,
                    "model_max_length: expected %d as the first tokenizer's, found %d"
                            .formatted(first.tokenizer.maxLength(), tokenizer.maxLength()));
        }
    }

    /** The last states of a text, [1, L, D]. */
    TextEncoder last(NDManager parent, Dtype dtype) {
        return plain(parent, dtype, ClipTextModel::forward);
    }

    /** The states of a text before the last layer, [1, L, D]. */
    TextEncoder penultimate(NDManager parent, Dtype dtype) {
        return plain(parent, dtype, (network, ids) -> network.states(ids).penultimate());
    }

    private TextEncoder plain(
            NDManager parent, Dtype dtype, BiFunction<ClipTextModel, NDArray, NDArray> states) {
        // transformers before 5 put the whole tower below this name
        boolean old = weights.names().contains("text_model.final_layer_norm.weight");
        return new TextEncoder(
                weights,
                w -> {
                    var network = new ClipTextModel(old ? w.in("text_model") : w, config);
                    return each(
                            ids -> TextEmbedding.of(Dtype.FP32.cast(states.apply(network, ids))));
                },
                parent,
                dtype);
    }

    /** The states before the last layer, [1, L, D], and the projected vector, [1, P]. */
    TextEncoder penultimateAndProjected(NDManager parent, Dtype dtype) {
        return new TextEncoder(
                weights,
                w -> {
                    var network = new ClipTextModelWithProjection(w, config);
                    return each(
                            ids -> {
                                var output = network.forward(ids);
                                NDArray pooled = Dtype.FP32.cast(output.projected());
                                return new TextEmbedding(
                                        Dtype.FP32.cast(output.penultimate()), Optional.of(pooled));
                            });
                },
                parent,
                dtype);
    }

    /**
     * @param forward from int64 [1, L]
     */
    private TextEncoder.Network each(Function<NDArray, TextEmbedding> forward) {
        return (owner, texts) -> {
            var all = new ArrayList<TextEmbedding>();
            for (var text : texts) {
                try (var scratch = owner.newSubManager()) {
                    var ids = Arrays.stream(tokenizer.encode(text)).asLongStream().toArray();
                    var states = forward.apply(scratch.create(new long[][] {ids}));
                    states.attach(owner);
                    all.add(states);
                }
            }
            return all;
        };
    }
}
