package io.mitune.streams.runs;

import io.mitune.schemas.RunCount;
import java.util.Collection;

/**
 * What a run has asked for and spent, over all partitions. Immutable.
 *
 * @param round newest round that has prompts, 0 before the first
 * @param seconds device seconds of candidates, validation and training
 * @param trainingSeconds those of them that training took
 * @param samples candidates
 */
record RunTotals(int round, double seconds, double trainingSeconds, long samples) {
    /** Part of the count that is kept of a run's training, which has no partition of its own. */
    static final int TRAINING = -1;

    private static final double MOST_SECONDS = 1e9;

    static RunTotals of(Collection<RunCount> parts) {
        return new RunTotals(
                parts.stream().mapToInt(RunCount::getRound).max().orElse(0),
                parts.stream().mapToDouble(RunCount::getSeconds).sum(),
                parts.stream()
                        .filter(part -> part.getPart() == TRAINING)
                        .mapToDouble(RunCount::getSeconds)
                        .sum(),
                parts.stream().mapToLong(RunCount::getSamples).sum());
    }

    /** What one record's device seconds add; nothing when they are no sensible number. */
    static double counted(double seconds) {
        return seconds > 0 && seconds < MOST_SECONDS ? seconds : 0;
    }
}
