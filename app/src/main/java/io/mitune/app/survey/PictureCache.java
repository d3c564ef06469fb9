package io.mitune.app.survey;

import io.mitune.diffusion.image.Png;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * Pictures as voters get them: pixels alone, since the files' own texts name adapter and settings.
 *
 * <p>Two are decoded at a time, and those last asked for are kept while there is room. Thread-safe.
 */
final class PictureCache {
    private static final long MAX_BYTES = 64 << 20;

    private final Semaphore decoders = new Semaphore(2);
    private final Map<String, byte[]> cache = new LinkedHashMap<>(16, 0.75f, true);
    private long cached;

    /** A PNG without texts. */
    byte[] get(String key, PictureSource source) throws IOException {
        var known = find(key);
        if (known.isPresent()) {
            return known.get();
        }
        decoders.acquireUninterruptibly();
        try {
            var pixels = Png.encode(Png.decode(source.read()).image(), Map.of());
            keep(key, pixels);
            return pixels;
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        } finally {
            decoders.release();
        }
    }

    private synchronized Optional<byte[]> find(String key) {
        return Optional.ofNullable(cache.get(key));
    }

    private synchronized void keep(String key, byte[] bytes) {
        var before = cache.put(key, bytes);
        cached += bytes.length - (before == null ? 0 : before.length);
        var eldest = cache.values().iterator();
        while (cached > MAX_BYTES) {
            cached -= eldest.next().length;
            eldest.remove();
        }
    }
}
