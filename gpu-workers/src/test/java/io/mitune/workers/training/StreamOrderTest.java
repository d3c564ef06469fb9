package io.mitune.workers.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.workers.training.Round.Arrival;
import io.mitune.workers.training.StreamOrder.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class StreamOrderTest {
    /** Records per partition; offsets have gaps where other runs and markers stand. */
    private static final int[][] OFFSETS = {{0, 1, 5, 9}, {2, 3, 4, 8}, {1, 9}};

    @Test
    void orderIsTheLogsWhateverTheSpeedOfItsPartitions() {
        var expected = new ArrayList<Place>();
        for (int p = 0; p < OFFSETS.length; p++) {
            for (int offset : OFFSETS[p]) {
                expected.add(new Place(offset, p));
            }
        }
        expected.sort(null);
        for (int seed = 0; seed < 300; seed++) {
            assertEquals(expected, read(new Random(seed), 10), "seed " + seed);
        }
    }

    @Test
    void nothingOvertakesAPartitionThatLagsBehind() {
        var order = new StreamOrder();
        order.offer(arrival(0, 4));
        assertTrue(order.next(Map.of(0, 5L, 1, 4L)).isPresent(), "(4, 1) comes after (4, 0)");
        order.offer(arrival(1, 4));
        assertTrue(order.next(Map.of(0, 4L, 1, 5L)).isEmpty(), "(4, 0) may still come");
        assertTrue(order.next(Map.of(0, 5L, 1, 5L)).isPresent());
    }

    @Test
    void beginsAgainRightAfterAPlace() {
        assertEquals(7, new Place(7, 1).next().offsetIn(2));
        assertEquals(8, new Place(7, 1).next().offsetIn(1));
        assertEquals(0, Place.BEFORE_ALL.next().offsetIn(0));
    }

    /** Reads the partitions at random speeds and takes what comes out on the way. */
    private static List<Place> read(Random random, long end) {
        var order = new StreamOrder();
        Map<Integer, Long> positions = new HashMap<>();
        for (int p = 0; p < OFFSETS.length; p++) {
            positions.put(p, 0L);
        }
        var found = new ArrayList<Place>();
        while (positions.values().stream().anyMatch(position -> position < end)) {
            int p = random.nextInt(OFFSETS.length);
            long from = positions.get(p);
            long to = Math.min(end, from + random.nextInt(4));
            for (int offset : OFFSETS[p]) {
                if (offset >= from && offset < to) {
                    order.offer(arrival(p, offset));
                }
            }
            positions.put(p, to);
            for (var next = order.next(positions); next.isPresent(); next = order.next(positions)) {
                found.add(Place.of(next.get()));
            }
        }
        return found;
    }

    private static Arrival arrival(int partition, long offset) {
        return new Arrival(
                TrainerFixture.nothingKept(1, 0, "model"),
                new ConsumerRecord<>("curated", partition, offset, new byte[0], new byte[0]));
    }
}
