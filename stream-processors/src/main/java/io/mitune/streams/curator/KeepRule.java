package io.mitune.streams.curator;

import java.util.OptionalDouble;

/**
 * What a candidate must be to be kept, beyond its place among those of its prompt. Immutable.
 *
 * @param threshold least score, in nats
 * @param margin least lead of a prompt's best over its runner-up, in nats; a prompt with one valid
 *     candidate has no runner-up and passes
 * @param maxSimilarity greatest cosine of its sketch and that of any candidate kept before it;
 *     without a sketch it passes
 */
public record KeepRule(
        OptionalDouble threshold, OptionalDouble margin, OptionalDouble maxSimilarity) {

    /** Every valid candidate may be kept. */
    public static final KeepRule ANY =
            new KeepRule(OptionalDouble.empty(), OptionalDouble.empty(), OptionalDouble.empty());

    public KeepRule {
        threshold.ifPresent(
                v ->
                        PolicyFault.unless(
                                Double.isFinite(v), "threshold: expected a finite number", v));
        margin.ifPresent(
                v ->
                        PolicyFault.unless(
                                v >= 0 && Double.isFinite(v), "margin: expected 0 or more", v));
        maxSimilarity.ifPresent(
                v -> PolicyFault.unless(v >= -1 && v < 1, "maxSimilarity: expected -1 to 1", v));
    }
}
