package io.mitune.schemas;

import java.util.Optional;

/**
 * What the standing settings of a run may hold, and what they are when nobody has set them.
 *
 * <p>Whoever writes settings checks before, whoever reads them before it goes by them, both from
 * here. Thread-safe.
 */
public final class RunLimits {
    /** The prompts of the round before, under seeds that follow from its seed and the round. */
    public static final String NEW_SEEDS = "new-seeds";

    /** The prompts of the round before with the same seeds, so that rounds pair up. */
    public static final String SAME_SEEDS = "same-seeds";

    private static final double MAX_SECONDS = 1e12;
    private static final long MAX_SAMPLES = 1L << 50;
    private static final int MAX_GUARD_VERSIONS = 1000;

    private RunLimits() {}

    /** The first thing wrong, as "field: expected X, found Y", or nothing. */
    public static Optional<String> fault(RunSettings s) {
        return RequestLimits.runFault(s.getRun())
                .or(() -> RequestLimits.textFault("reason", s.getReason(), 0))
                .or(() -> range("version", s.getVersion(), 1, Integer.MAX_VALUE))
                .or(() -> range("rounds", s.getRounds(), 0, RequestLimits.MAX_ROUND))
                .or(() -> drawFault(s.getDraw()))
                .or(() -> range("maxStaleness", s.getMaxStaleness(), -1, RequestLimits.MAX_ROUND))
                .or(() -> range("budgetSeconds", s.getBudgetSeconds(), 0, MAX_SECONDS))
                .or(() -> range("budgetSamples", s.getBudgetSamples(), 0, MAX_SAMPLES))
                .or(() -> range("guardVersions", s.getGuardVersions(), 0, MAX_GUARD_VERSIONS))
                .or(() -> range("guardDiversityDrop", s.getGuardDiversityDrop(), 0, 1))
                .or(() -> range("guardScoreDrop", s.getGuardScoreDrop(), 0, 1000))
                .or(() -> range("guardScoreRise", s.getGuardScoreRise(), 1, 1000));
    }

    private static Optional<String> drawFault(String draw) {
        return draw.equals(NEW_SEEDS) || draw.equals(SAME_SEEDS)
                ? Optional.empty()
                : Optional.of(
                        "draw: expected %s or %s, found %d other characters"
                                .formatted(NEW_SEEDS, SAME_SEEDS, draw.length()));
    }

    private static Optional<String> range(String field, long value, long min, long max) {
        return value >= min && value <= max
                ? Optional.empty()
                : Optional.of("%s: expected %d to %d, found %d".formatted(field, min, max, value));
    }

    private static Optional<String> range(String field, double value, double min, double max) {
        return value >= min && value <= max // false for NaN
                ? Optional.empty()
                : Optional.of(field + ": expected " + min + " to " + max + ", found " + value);
    }
}
