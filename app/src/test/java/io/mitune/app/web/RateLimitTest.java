package io.mitune.app.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Buckets fill with time, one for each client and one for all. */
class RateLimitTest {
    private static final OptionalLong YES = OptionalLong.empty();

    private final AtomicLong clock = new AtomicLong();

    private RateLimit limit(RateLimit.Rate each, RateLimit.Rate all) {
        return new RateLimit(each, all, clock::get);
    }

    private void pass(double seconds) {
        clock.addAndGet((long) (seconds * 1e9));
    }

    @Test
    void aClientHasABurstAndThenARate() {
        var limit = limit(new RateLimit.Rate(2, 0.5), new RateLimit.Rate(100, 100));
        assertEquals(YES, limit.take("a"));
        assertEquals(YES, limit.take("a"));
        assertEquals(OptionalLong.of(2), limit.take("a"));
        assertEquals(YES, limit.take("b"));
        pass(1.9);
        assertTrue(limit.take("a").isPresent());
        pass(0.2);
        assertEquals(YES, limit.take("a"));
        pass(1000);
        assertEquals(YES, limit.take("a"));
        assertEquals(YES, limit.take("a"));
        assertTrue(limit.take("a").isPresent(), "no more than the burst is saved up");
    }

    @Test
    void allTogetherHaveOneToo() {
        var limit = limit(new RateLimit.Rate(10, 10), new RateLimit.Rate(3, 1));
        for (var client = 0; client < 3; client++) {
            assertEquals(YES, limit.take("c" + client));
        }
        assertEquals(OptionalLong.of(1), limit.take("c3"));
        pass(1);
        assertEquals(YES, limit.take("c3"));
    }

    @Test
    void manyClientsAreForgottenButStillCounted() {
        var limit = limit(new RateLimit.Rate(1, 0.001), new RateLimit.Rate(20_000, 0.001));
        for (var client = 0; client < 20_000; client++) {
            assertEquals(YES, limit.take("c" + client));
        }
        assertTrue(limit.take("c1").isPresent());
    }
}
