package io.mitune.diffusion.sampling;

import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.model.TextConditioner;
import io.mitune.diffusion.model.TextEmbedding;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Text embeddings by text, so that the candidates of a prompt encode it once.
 *
 * <p>Holds the texts used last, up to a number of bytes: one is 0.3 MiB for Stable Diffusion 2 and
 * 5.2 MiB for Stable Diffusion 3. Not thread-safe.
 */
final class TextCache {
    private static final long BYTES = 128L << 20;

    private final NDManager manager;
    private final TextConditioner conditioner;
    private final long capacity;
    private final LinkedHashMap<Optional<String>, TextEmbedding> embeddings =
            new LinkedHashMap<>(16, 0.75f, true);

    /**
     * @param manager owns the embeddings
     */
    TextCache(NDManager manager, TextConditioner conditioner) {
        this(manager, conditioner, BYTES);
    }

    /**
     * @param capacity bytes to hold between requests
     */
    TextCache(NDManager manager, TextConditioner conditioner, long capacity) {
        this.manager = manager;
        this.conditioner = conditioner;
        this.capacity = capacity;
    }

    /**
     * The embeddings of all texts of a request. Those not yet there are encoded together, and then
     * the encoders' weights are freed: they are of the denoiser's own size, and it needs the room.
     *
     * @param texts as {@link TextConditioner#encode} takes them; may repeat
     * @return the cache's own, one object a text, alive until {@link #trim}
     */
    Map<Optional<String>, TextEmbedding> get(Collection<Optional<String>> texts) {
        var missing = new LinkedHashSet<>(texts);
        // asks by get, so that all of this request count as used last
        missing.removeIf(text -> embeddings.get(text) != null);
        var wanted = List.copyOf(missing);
        try {
            var made = conditioner.encode(manager, wanted);
            for (int i = 0; i < wanted.size(); i++) {
                embeddings.put(wanted.get(i), made.get(i));
            }
            return embeddings;
        } finally {
            conditioner.release();
        }
    }

    /** Frees what exceeds the capacity, the longest unused first. */
    void trim() {
        long held = embeddings.values().stream().mapToLong(TextEmbedding::bytes).sum();
        var oldest = embeddings.values().iterator();
        while (held > capacity) {
            var text = oldest.next();
            held -= text.bytes();
            text.close();
            oldest.remove();
        }
    }
}
