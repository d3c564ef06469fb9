package io.mitune.app.survey;

import io.mitune.app.web.ByteCache;
import io.mitune.diffusion.image.Png;
import java.io.IOException;
import java.util.Map;

/**
 * Pictures as voters get them: pixels alone, since the files' own texts name adapter and settings.
 *
 * <p>Two are decoded at a time, and those last asked for are kept while there is room. Thread-safe.
 */
final class PictureCache {
    private static final long MAX_BYTES = 64 << 20;

    private final ByteCache cache = new ByteCache(MAX_BYTES, 2);

    /** A PNG without texts. */
    byte[] get(String key, PictureSource source) throws IOException {
        return cache.get(key, () -> pixels(source));
    }

    private static byte[] pixels(PictureSource source) throws IOException {
        try {
            return Png.encode(Png.decode(source.read()).image(), Map.of());
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
