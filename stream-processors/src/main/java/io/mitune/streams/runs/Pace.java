package io.mitune.streams.runs;

import java.time.Duration;
import java.time.Instant;

/**
 * How fast a run spends, in the mean since somebody began to look.
 *
 * <p>For the outlook only. Immutable.
 *
 * @param from when looking began
 * @param begin what was spent then
 * @param seconds device seconds per second, NaN while nothing can be said
 * @param samples candidates per second, NaN while nothing can be said
 */
record Pace(Instant from, RunTotals begin, double seconds, double samples) {
    private static final Duration LEAST = Duration.ofSeconds(5);

    static Pace from(Instant now, RunTotals totals) {
        return new Pace(now, totals, Double.NaN, Double.NaN);
    }

    Pace at(Instant now, RunTotals totals) {
        var time = Duration.between(from, now);
        if (time.compareTo(LEAST) < 0) {
            return this;
        }
        double passed = time.toMillis() / 1e3;
        return new Pace(
                from,
                begin,
                rate((totals.seconds() - begin.seconds()) / passed),
                rate((totals.samples() - begin.samples()) / passed));
    }

    private static double rate(double value) {
        return value > 0 ? value : Double.NaN;
    }
}
