package io.mitune.diffusion.sampling;

import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.model.TextConditioner;
import io.mitune.diffusion.model.TextEmbedding;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.Function;

/**
 * Text embeddings by text, so that the candidates of a prompt encode it once.
 *
 * <p>Each text is encoded alone: an embedding must not depend, in its last bits, on what else was
 * asked for. Holds the texts used last; not thread-safe.
 */
public final class TextCache implements AutoCloseable {
    private final NDManager manager;
    private final TextConditioner conditioner;
    private final int capacity;
    private final LinkedHashMap<Key, TextEmbedding> embeddings =
            new LinkedHashMap<>(16, 0.75f, true);

    /** A prompt, or what is held against prompts; the same words may give two embeddings. */
    private record Key(boolean conditional, Optional<String> text) {}

    /**
     * @param capacity texts to hold between requests
     */
    public TextCache(NDManager owner, TextConditioner conditioner, int capacity) {
        manager = owner.newSubManager();
        this.conditioner = conditioner;
        this.capacity = capacity;
    }

    /** The embedding of a prompt; the cache's own, alive until {@link #trim}. */
    public TextEmbedding get(String text) {
        return get(new Key(true, Optional.of(text)), k -> conditioner.encode(manager, text));
    }

    /** The embedding of what guidance moves away from; likewise. */
    public TextEmbedding unconditional(Optional<String> negative) {
        return get(new Key(false, negative), k -> conditioner.unconditional(manager, negative));
    }

    private TextEmbedding get(Key key, Function<Key, TextEmbedding> make) {
        var known = embeddings.get(key);
        if (known != null) {
            return known;
        }
        var embedding = make.apply(key);
        embeddings.put(key, embedding);
        return embedding;
    }

    /**
     * Frees the encoders' weights once a request's texts are encoded: they are of the denoiser's
     * own size, and it needs the room.
     */
    public void releaseEncoders() {
        conditioner.release();
    }

    /** Frees what exceeds the capacity, the longest unused first. */
    public void trim() {
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
