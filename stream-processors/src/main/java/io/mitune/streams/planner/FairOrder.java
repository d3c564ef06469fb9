package io.mitune.streams.planner;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Whose turn it is among lanes.
 *
 * <p>The highest priority goes first; within it lanes take turns in a ring: who was served, and who
 * is new, stands at the end. So no lane waits for more than one task of each other lane of its
 * priority, however many come. Knows no stores and no clock: the same calls give the same order.
 * Costs a logarithm of the number of lanes, not of prompts. Belongs to one thread.
 */
final class FairOrder {
    private static final Comparator<Lane> BY_TURN =
            Comparator.comparingInt(Lane::priority).reversed().thenComparingLong(Lane::turn);

    private final Map<String, Lane> lanes = new HashMap<>();
    private final TreeMap<Lane, String> ring = new TreeMap<>(BY_TURN);

    /** Lanes whose round may not start, by run and round. */
    private final Map<String, TreeMap<Integer, Map<String, Lane>>> held = new HashMap<>();

    private long lastTurn;

    /** The end of the ring. */
    long newTurn() {
        return ++lastTurn;
    }

    Optional<Lane> find(String key) {
        return Optional.ofNullable(lanes.get(key));
    }

    /** Adds a lane, or puts its new state in place of the old one. */
    void put(Lane lane) {
        remove(lane.key());
        lastTurn = Math.max(lastTurn, lane.turn());
        lanes.put(lane.key(), lane);
        ring.put(lane, lane.key());
    }

    void remove(String key) {
        var old = lanes.remove(key);
        if (old != null && ring.remove(old) == null) {
            var rounds = held.get(old.run());
            rounds.get(old.round()).remove(key);
            rounds.values().removeIf(Map::isEmpty);
        }
    }

    /**
     * The lane whose turn it is. One that may not start is held until {@link #reopen}, so that it
     * is not looked at again and again.
     */
    Optional<Lane> first(Predicate<Lane> mayStart) {
        while (!ring.isEmpty()) {
            var lane = ring.firstKey();
            if (mayStart.test(lane)) {
                return Optional.of(lane);
            }
            ring.remove(lane);
            held.computeIfAbsent(lane.run(), r -> new TreeMap<>())
                    .computeIfAbsent(lane.round(), r -> new HashMap<>())
                    .put(lane.key(), lane);
        }
        return Optional.empty();
    }

    /** Takes back held lanes that may start; looks at the lowest held round of each run first. */
    void reopen(Predicate<Lane> mayStart) {
        for (var rounds : held.values()) {
            while (!rounds.isEmpty() && mayStart.test(any(rounds.firstEntry().getValue()))) {
                rounds.pollFirstEntry().getValue().forEach((key, lane) -> ring.put(lane, key));
            }
        }
        held.values().removeIf(Map::isEmpty);
    }

    private static Lane any(Map<String, Lane> lanes) {
        return lanes.values().iterator().next();
    }
}
