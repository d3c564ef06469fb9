package io.mitune.workers.training;

import io.mitune.schemas.CuratedSample;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The curated samples of one round as they arrive, in any order and any number of times.
 *
 * <p>What comes out depends on the set of records alone: samples are ordered by promptId and rank,
 * and of two records with one (prompt, rank) the first in the log counts. Not thread-safe.
 */
final class Round {
    private static final Logger log = LoggerFactory.getLogger(Round.class);

    private final Map<String, Prompt> prompts = new TreeMap<>();
    private int size;

    /**
     * A record with its bytes, which a dead letter needs.
     *
     * @param sample what it says
     * @param raw where it came from
     */
    record Arrival(CuratedSample sample, ConsumerRecord<byte[], byte[]> raw) {}

    /** The samples of one prompt by rank, and how many there will be. */
    private record Prompt(int kept, Map<Integer, Arrival> byRank) {
        boolean isComplete() {
            return byRank.size() >= Math.max(1, kept);
        }

        Stream<Arrival> samples() {
            return kept == 0 ? Stream.of() : byRank.values().stream();
        }
    }

    /**
     * Takes a record of this round.
     *
     * @throws IllegalArgumentException in one line, when it can't be part of any round
     */
    void offer(Arrival arrival) {
        var sample = arrival.sample();
        int kept = sample.getKept();
        int rank = sample.getRank();
        if (sample.getRoundSize() < 1 || kept < 0 || rank < 0 || rank >= Math.max(1, kept)) {
            throw new IllegalArgumentException(
                    "curated sample: expected roundSize >= 1 and 0 <= rank < kept, found roundSize"
                            + " %d, rank %d, kept %d".formatted(sample.getRoundSize(), rank, kept));
        }
        size = Math.max(size, sample.getRoundSize());
        var prompt =
                prompts.computeIfAbsent(
                        sample.getPromptId(), id -> new Prompt(kept, new TreeMap<>()));
        if (prompt.kept() != kept || prompt.byRank().putIfAbsent(rank, arrival) != null) {
            log.debug("{}: rank {} came before", sample.getPromptId(), rank);
        }
    }

    /** Whether all prompts are there, with all their samples. */
    boolean isComplete() {
        return size > 0 && promptsSeen() >= size;
    }

    /** Prompts whose samples are all there; those of which nothing was kept count. */
    int promptsSeen() {
        return (int) prompts.values().stream().filter(Prompt::isComplete).count();
    }

    /** Prompts of the round, 0 while nobody knows. */
    int promptsExpected() {
        return size;
    }

    /** All samples of complete prompts, by promptId and rank. */
    List<Arrival> samples() {
        return prompts.values().stream()
                .filter(Prompt::isComplete)
                .flatMap(Prompt::samples)
                .toList();
    }

    /** The samples with these candidateIds in this order; empty while one is missing. */
    Optional<List<Arrival>> select(List<String> candidateIds) {
        Map<String, Arrival> byId = new HashMap<>();
        prompts.values().stream()
                .flatMap(Prompt::samples)
                .filter(a -> a.sample().getCandidateId() != null)
                .forEach(a -> byId.putIfAbsent(a.sample().getCandidateId(), a));
        return byId.keySet().containsAll(candidateIds)
                ? Optional.of(candidateIds.stream().map(byId::get).toList())
                : Optional.empty();
    }

    /** The first offset of this round in a partition. */
    Optional<Long> firstOffset(int partition) {
        return prompts.values().stream()
                .flatMap(p -> p.byRank().values().stream())
                .map(Arrival::raw)
                .filter(r -> r.partition() == partition)
                .map(ConsumerRecord::offset)
                .min(Comparator.naturalOrder());
    }
}
