package io.mitune.app.web;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * Pictures made on request and kept while there is room; those not asked for longest go first.
 *
 * <p>Making one takes a processor for a while, so few are made at a time. Thread-safe.
 */
public final class ByteCache {
    private final long maxBytes;
    private final Semaphore makers;
    private final Map<String, byte[]> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    /** Makes what is not kept. */
    @FunctionalInterface
    public interface Maker {
        byte[] make() throws IOException;
    }

    /**
     * @param makers how many are made at a time
     */
    public ByteCache(long maxBytes, int makers) {
        this.maxBytes = maxBytes;
        this.makers = new Semaphore(makers);
    }

    /** The bytes of a key; what the maker throws is kept for nobody. */
    public byte[] get(String key, Maker maker) throws IOException {
        var known = find(key);
        if (known.isPresent()) {
            return known.get();
        }
        makers.acquireUninterruptibly();
        try {
            var made = maker.make();
            keep(key, made);
            return made;
        } finally {
            makers.release();
        }
    }

    private synchronized Optional<byte[]> find(String key) {
        return Optional.ofNullable(kept.get(key));
    }

    private synchronized void keep(String key, byte[] made) {
        var before = kept.put(key, made);
        bytes += made.length - (before == null ? 0 : before.length);
        var eldest = kept.values().iterator();
        while (bytes > maxBytes) {
            bytes -= eldest.next().length;
            eldest.remove();
        }
    }
}
