package io.mitune.diffusion.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.model.clip.ClipTextConfig;
import io.mitune.diffusion.model.clip.ClipTextModel;
import io.mitune.diffusion.nn.Adapters;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.Weights;
import io.mitune.diffusion.safetensors.WeightFiles;
import io.mitune.diffusion.text.ClipTokenizer;
import java.util.Arrays;
import java.util.function.Function;

/**
 * A text encoder whose weights are read when it is first asked for, and freed on demand. Not
 * thread-safe.
 *
 * @param <T> the network
 */
final class TextEncoder<T> {
    private final WeightFiles files;
    private final Function<Weights, T> build;
    private final NDManager parent;
    private final Dtype dtype;
    private NDManager manager; // null while nothing is loaded
    private T network; // null while nothing is loaded

    /**
     * @param build reads all weights
     */
    TextEncoder(WeightFiles files, Function<Weights, T> build, NDManager parent, Dtype dtype) {
        this.files = files;
        this.build = build;
        this.parent = parent;
        this.dtype = dtype;
    }

    /** A CLIP tower without a projection. */
    static TextEncoder<ClipTextModel> clip(
            WeightFiles files, ClipTextConfig config, NDManager parent, Dtype dtype) {
        // transformers before 5 put the whole tower below this name
        boolean old = files.names().contains("text_model.final_layer_norm.weight");
        return new TextEncoder<>(
                files, w -> new ClipTextModel(old ? w.in("text_model") : w, config), parent, dtype);
    }

    /** The ids of one text, int64 [1, L]. */
    static NDArray ids(NDManager owner, ClipTokenizer tokenizer, String text) {
        var tokens = Arrays.stream(tokenizer.encode(text)).asLongStream().toArray();
        return owner.create(new long[][] {tokens});
    }

    T network() {
        if (network == null) {
            manager = parent.newSubManager();
            var weights = Weights.of(files, manager, dtype, Adapters.NONE);
            network = build.apply(weights);
            weights.requireAllRead();
        }
        return network;
    }

    void release() {
        if (network != null) {
            manager.close();
            network = null;
        }
    }
}
