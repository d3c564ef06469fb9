package io.mitune.streams.curator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.streams.planner.CountingStore;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeadlinesTest {
    private static final Duration DEADLINE = Duration.ofMillis(100);

    private final CountingStore<Long> store = new CountingStore<>();
    private Deadlines deadlines = new Deadlines(store);

    @Test
    void theOrderIsThatOfHandingOutAlsoWithinAMillisecondAndAcrossARestart() {
        for (int i = 9; i >= 5; i--) {
            deadlines.handedOut(key(i), 1000);
        }
        restart();
        deadlines.handedOut(key(4), 1000);
        restart();
        deadlines.came(key(7), 1500);
        restart();
        deadlines.came(key(7), 1590);
        assertEquals(List.of(), due(1599));
        assertEquals(List.of(key(7), key(8), key(9)), due(1600));
        assertEquals(List.of(key(7), key(8)), deadlines.due(1600, DEADLINE, 2));
    }

    @Test
    void theNextOneCountsWhenAllThatWorkersGotToIsDone() {
        for (int i = 1; i <= 4; i++) {
            deadlines.handedOut(key(i), 1000);
        }
        deadlines.came(key(2), 1010);
        restart();
        deadlines.closed(key(2), true, 1010);
        assertEquals(List.of(key(1)), due(1500));
        deadlines.closed(key(1), false, 1500); // by its deadline: no sign of workers
        assertEquals(List.of(), due(1600));
        deadlines.came(key(9), 1600); // before word of its release
        deadlines.handedOut(key(9), 1601);
        deadlines.closed(key(9), true, 1620);
        restart();
        assertEquals(List.of(), due(1702));
        assertEquals(List.of(key(4)), due(1703)); // nobody ever got to it
        assertEquals(List.of(key(3), key(4)), due(1720));
    }

    @Test
    void statesOfEarlierVersionsCountFromTheirTime() {
        store.put(key(1).toString(), 1000L);
        restart();
        assertEquals(List.of(), due(1099));
        assertEquals(List.of(key(1)), due(1100));
    }

    @Test
    void anEarlierVersionClosesNoneThatWaits() {
        deadlines.handedOut(key(1), 1000);
        // it took what it found for the time since when the deadline counts
        assertTrue(1_000_000 - store.get(key(1).toString()) < DEADLINE.toMillis());
        deadlines.came(key(1), 1500);
        assertEquals(1500, store.get(key(1).toString()));
    }

    private void restart() {
        deadlines = new Deadlines(store);
    }

    private List<BoardKey> due(long now) {
        return deadlines.due(now, DEADLINE, 10);
    }

    private static BoardKey key(int i) {
        return new BoardKey("run", 1, "p" + i);
    }
}
