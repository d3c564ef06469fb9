package io.mitune.streams.runs;

import io.mitune.schemas.RunCount;
import java.util.Collection;

/**
 * What a run has asked for and spent, over all partitions. Immutable.
 *
 * @param round newest round that has prompts, 0 before the first
 * @param seconds device seconds of candidates and validation
 * @param samples candidates
 */
record RunTotals(int round, double seconds, long samples) {

    static RunTotals of(Collection<RunCount> parts) {
        return new RunTotals(
                parts.stream().mapToInt(RunCount::getRound).max().orElse(0),
                parts.stream().mapToDouble(RunCount::getSeconds).sum(),
                parts.stream().mapToLong(RunCount::getSamples).sum());
    }
}
