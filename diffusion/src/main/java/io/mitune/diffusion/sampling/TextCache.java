package io.mitune.diffusion.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.function.BiFunction;

/**
 * Text embeddings by text, so that the candidates of a prompt encode it once.
 *
 * <p>Each text is encoded alone: an embedding must not depend, in its last bits, on what else was
 * asked for. Holds the texts used last; not thread-safe.
 */
final class TextCache implements AutoCloseable {
    private final NDManager manager;
    private final BiFunction<NDManager, String, NDArray> encoder;
    private final int capacity;
    private final LinkedHashMap<String, NDArray> embeddings = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * @param encoder gives [1, L, D], owned by the manager it is given
     * @param capacity texts to hold between requests
     */
    TextCache(NDManager owner, BiFunction<NDManager, String, NDArray> encoder, int capacity) {
        manager = owner.newSubManager();
        this.encoder = encoder;
        this.capacity = capacity;
    }

    /** The embedding of a text, [1, L, D]; alive until {@link #trim}. */
    NDArray get(String text) {
        var known = embeddings.get(text);
        if (known != null) {
            return known;
        }
        var embedding = encoder.apply(manager, text);
        embeddings.put(text, embedding);
        return embedding;
    }

    /** Frees what exceeds the capacity, the longest unused first. */
    void trim() {
        var oldest = embeddings.values().iterator();
        while (embeddings.size() > capacity) {
            oldest.next().close();
            oldest.remove();
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
