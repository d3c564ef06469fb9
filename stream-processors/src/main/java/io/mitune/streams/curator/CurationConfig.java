package io.mitune.streams.curator;

import io.mitune.schemas.DeadLetters;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;

/**
 * What the curator keeps and how long it waits. Immutable.
 *
 * @param policies at least one, each with a run suffix of its own
 * @param deadline time after which a prompt is closed with what is there; see {@link Deadlines} for
 *     what it counts from
 * @param remembered how long a closed prompt is remembered, so that late candidates are known as
 *     such; a dead letter may be sent again, and give some, as long as it is kept
 */
public record CurationConfig(
        List<CurationPolicy> policies, Duration deadline, Duration remembered) {

    /** The main arm; a day per prompt; closed prompts are known as long as dead letters. */
    public static final CurationConfig DEFAULT =
            new CurationConfig(
                    List.of(CurationPolicy.MI_MAX), Duration.ofDays(1), DeadLetters.KEPT);

    public CurationConfig {
        policies = List.copyOf(policies);
        var suffixes = new HashSet<String>();
        policies.forEach(p -> suffixes.add(p.runSuffix()));
        if (policies.isEmpty() || suffixes.size() < policies.size()) {
            throw new IllegalArgumentException(
                    "curation policies: expected one or more with different run suffixes, found "
                            + policies);
        }
        if (deadline.toMillis() < 1 || remembered.compareTo(deadline) < 0) {
            throw new IllegalArgumentException(
                    "curation: expected a deadline above 0 and closed prompts remembered"
                            + " no shorter,"
                            + " found "
                            + deadline
                            + " and "
                            + remembered);
        }
    }
}
