package io.mitune.producers;

import io.mitune.schemas.PromptRequest;
import java.util.OptionalInt;

/**
 * Which round a batch goes into: the one asked for; else the one it was published in before; else
 * the next of the run. A round holds one batch, since its size is written into each of its prompts.
 * Pure.
 */
final class RoundNumbers {
    private RoundNumbers() {}

    /**
     * @param settings any request with the settings of the publication
     */
    static int roundFor(
            RunHistory history, String batch, PromptRequest settings, OptionalInt asked) {
        int round =
                asked.orElseGet(
                        () ->
                                history.roundOf(batch, settings)
                                        .orElseGet(() -> history.highestRound() + 1));
        var others = history.batchesIn(round);
        if (!others.isEmpty() && !others.contains(batch)) {
            throw PublishException.conflict(
                    "round %d: expected an unused round, found batch %s in it; the next one is %d"
                            .formatted(
                                    round, others.iterator().next(), history.highestRound() + 1));
        }
        return round;
    }
}
