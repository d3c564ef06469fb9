package io.mitune.diffusion.model;

import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.nn.Adapters;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.Weights;
import io.mitune.diffusion.safetensors.WeightFiles;
import java.util.List;
import java.util.function.Function;

/**
 * A text encoder with its tokenizer, whose weights are read when it is first asked for, and freed
 * on demand. Not thread-safe.
 */
final class TextEncoder {
    private final WeightFiles files;
    private final Function<Weights, Network> build;
    private final NDManager parent;
    private final Dtype dtype;
    private NDManager manager; // null while nothing is loaded
    private Network network; // null while nothing is loaded

    /** From texts to fp32 states. */
    interface Network {
        /** Each text alone, in order; the results belong to {@code owner}. */
        List<TextEmbedding> encode(NDManager owner, List<String> texts);
    }

    /**
     * @param build reads all weights
     * @param parent of what owns the weights
     */
    TextEncoder(
            WeightFiles files, Function<Weights, Network> build, NDManager parent, Dtype dtype) {
        this.files = files;
        this.build = build;
        this.parent = parent;
        this.dtype = dtype;
    }

    /** See {@link Network#encode}. */
    List<TextEmbedding> encode(NDManager owner, List<String> texts) {
        if (texts.isEmpty()) {
            return List.of();
        }
        if (network == null) {
            manager = parent.newSubManager();
            var weights = Weights.of(files, manager, dtype, Adapters.NONE);
            network = build.apply(weights);
            weights.requireAllRead();
        }
        return network.encode(owner, texts);
    }

    void release() {
        if (network != null) {
            manager.close();
            network = null;
        }
    }
}
