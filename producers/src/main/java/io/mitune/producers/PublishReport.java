package io.mitune.producers;

/**
 * What a publication came to. Immutable.
 *
 * @param run line of adapters that the prompts feed
 * @param batch name of the batch
 * @param round the round it went into
 * @param prompts prompts in the batch
 * @param added how many of them were not in the topic before
 */
public record PublishReport(String run, String batch, int round, int prompts, int added) {

    @Override
    public String toString() {
        var old = added == prompts ? "" : ", " + (prompts - added) + " were there already";
        return "run %s, round %d, batch %s: %d of %d prompts added%s"
                .formatted(run, round, batch, added, prompts, old);
    }
}
