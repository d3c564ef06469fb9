package io.mitune.app.web;

import io.javalin.http.Context;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Token buckets: one for each client and one for all. A request takes a piece of both or neither.
 *
 * <p>The number of clients remembered is bounded, the least recently seen is forgotten; the bucket
 * for all holds however many there are. Thread-safe.
 */
public final class RateLimit {
    /**
     * A bucket's size and how fast it fills.
     *
     * @param burst pieces when full
     * @param perSecond pieces that come in a second
     */
    public record Rate(double burst, double perSecond) {}

    private static final int MAX_CLIENTS = 10_000;
    private static final double NANOS = 1e9;

    private static final class Bucket {
        private double level;
        private long at;
    }

    private final Rate perClient;
    private final Rate global;
    private final LongSupplier nanoTime;
    private final Bucket all;
    private final Map<String, Bucket> clients =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
                    return size() > MAX_CLIENTS;
                }
            };

    /** By the system's clock. */
    public RateLimit(Rate perClient, Rate global) {
        this(perClient, global, System::nanoTime);
    }

    RateLimit(Rate perClient, Rate global, LongSupplier nanoTime) {
        this.perClient = perClient;
        this.global = global;
        this.nanoTime = nanoTime;
        all = full(global);
    }

    /** Takes one; else the seconds to wait, at least 1. */
    public synchronized OptionalLong take(String client) {
        var own = clients.computeIfAbsent(client, c -> full(perClient));
        fill(own, perClient);
        fill(all, global);
        if (own.level >= 1 && all.level >= 1) {
            own.level--;
            all.level--;
            return OptionalLong.empty();
        }
        var wait = Math.max(wait(own, perClient), wait(all, global));
        return OptionalLong.of(Math.max(1, (long) Math.ceil(wait)));
    }

    /** Takes one, or refuses the request with 429 and Retry-After. */
    public void require(Context ctx) {
        var wait = take(ctx.ip());
        if (wait.isPresent()) {
            ctx.header("Retry-After", Long.toString(wait.getAsLong()));
            throw new WebException(
                    429,
                    Problem.of("rate", "fewer requests", "too many")
                            .withHint("try again in " + wait.getAsLong() + " s"));
        }
    }

    private Bucket full(Rate rate) {
        var bucket = new Bucket();
        bucket.level = rate.burst();
        bucket.at = nanoTime.getAsLong();
        return bucket;
    }

    private void fill(Bucket bucket, Rate rate) {
        var now = nanoTime.getAsLong();
        var came = (now - bucket.at) / NANOS * rate.perSecond();
        bucket.level = Math.min(rate.burst(), bucket.level + came);
        bucket.at = now;
    }

    private static double wait(Bucket bucket, Rate rate) {
        return bucket.level >= 1 ? 0 : (1 - bucket.level) / rate.perSecond();
    }
}
