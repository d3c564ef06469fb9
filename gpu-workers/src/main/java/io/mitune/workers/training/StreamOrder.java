package io.mitune.workers.training;

import io.mitune.workers.training.Round.Arrival;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One order of a topic with several partitions: by offset, then by partition.
 *
 * <p>The order is the log's own, whatever the speed at which its partitions are read. The price: a
 * record comes out only when every partition has been read up to its offset. Not thread-safe.
 */
final class StreamOrder {
    private final TreeMap<Place, Arrival> waiting = new TreeMap<>();

    /** Where a record stands. */
    record Place(long offset, int partition) implements Comparable<Place> {
        private static final Comparator<Place> ORDER =
                Comparator.comparingLong(Place::offset).thenComparingInt(Place::partition);

        static final Place BEFORE_ALL = new Place(0, -1);

        static Place of(Arrival arrival) {
            return new Place(arrival.raw().offset(), arrival.raw().partition());
        }

        /** The place right after this one. */
        Place next() {
            return new Place(offset, partition + 1);
        }

        /** The first offset of a partition that is not before this place. */
        long offsetIn(int otherPartition) {
            return otherPartition >= partition ? offset : offset + 1;
        }

        @Override
        public int compareTo(Place other) {
            return ORDER.compare(this, other);
        }
    }

    void offer(Arrival arrival) {
        waiting.put(Place.of(arrival), arrival);
    }

    /**
     * The next record of the order, if it is known to be the next.
     *
     * @param positions next offset to be read, of every partition
     */
    Optional<Arrival> next(Map<Integer, Long> positions) {
        if (waiting.isEmpty()) {
            return Optional.empty();
        }
        var first = waiting.firstKey();
        boolean known =
                positions.entrySet().stream()
                        .allMatch(p -> p.getValue() >= first.offsetIn(p.getKey()));
        return known ? Optional.of(waiting.pollFirstEntry().getValue()) : Optional.empty();
    }
}
