package io.mitune.app.dashboard.state;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RateTest {
    private static final long START = 1_800_000_000_000L;

    private final Rate rate = new Rate();

    @Test
    void workThatJustBeganIsNotSpreadOverAMinute() {
        each(START, START + 20_000);
        assertEquals(1, perSecond(20), 1e-9);
        each(START + 20_000, START + 200_000);
        assertEquals(1, perSecond(200), 0.05);
    }

    @Test
    void aSilenceIsForgottenWhenItEnds() {
        each(START, START + 20_000);
        assertEquals(0, perSecond(300), 1e-9);
        each(START + 300_000, START + 320_000);
        assertEquals(1, perSecond(320), 1e-9);
    }

    @Test
    void oneThingIsNotARush() {
        rate.add(START);
        assertEquals(0.1, perSecond(0), 1e-9);
        assertEquals(0.02, perSecond(50), 1e-9);
    }

    @Test
    void theOrderOfArrivalDoesNotMatter() {
        for (long at = START + 19_000; at >= START; at -= 1000) {
            rate.add(at);
        }
        assertEquals(1, perSecond(20), 1e-9);
    }

    private double perSecond(int secondsAfterStart) {
        return rate.perSecond(START + secondsAfterStart * 1000L);
    }

    /** One a second. */
    private void each(long from, long until) {
        for (long at = from; at < until; at += 1000) {
            rate.add(at);
        }
    }
}
