package io.mitune.workers.training;

import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Curated samples sorted into rounds, those ahead of the present one too. Not thread-safe. */
final class RoundStore {
    private final CuratedLog log;
    private final SortedMap<Integer, Round> rounds = new TreeMap<>();

    RoundStore(CuratedLog log) {
        this.log = log;
    }

    /** Takes what has arrived, waiting a moment for it. */
    void poll(Duration wait) {
        log.poll(wait, arrival -> round(arrival.sample().getRound()).offer(arrival));
    }

    /** What has arrived of a round. */
    Round round(int number) {
        return rounds.computeIfAbsent(number, n -> new Round());
    }

    /** Forgets all rounds before this one. */
    void forgetBefore(int number) {
        rounds.headMap(number).clear();
    }

    /** Partition number to the offset from which this round and all later ones come again. */
    Map<String, Long> resumeAt(int round) {
        Map<String, Long> offsets = new TreeMap<>();
        log.positions()
                .forEach(
                        (partition, next) ->
                                offsets.put(
                                        Integer.toString(partition),
                                        Math.min(next, firstOffset(round, partition))));
        return offsets;
    }

    private long firstOffset(int round, int partition) {
        return rounds.tailMap(round).values().stream()
                .flatMap(r -> r.firstOffset(partition).stream())
                .mapToLong(Long::longValue)
                .min()
                .orElse(Long.MAX_VALUE);
    }
}
