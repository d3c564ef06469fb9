package io.mitune.streams.planner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class FairOrderTest {
    private final FairOrder order = new FairOrder();

    @Property(tries = 100)
    void lanesOfOnePriorityAreServedAlike(
            @ForAll @IntRange(min = 1, max = 20) int lanes,
            @ForAll @IntRange(min = 1, max = 100) int tasks) {
        var order = new FairOrder();
        IntStream.range(0, lanes).forEach(i -> join(order, "lane" + i, 1, 0));
        var served = new HashMap<String, Integer>();
        for (int i = 0; i < tasks; i++) {
            served.merge(serve(order).orElseThrow(), 1, Integer::sum);
        }
        int most = served.values().stream().mapToInt(n -> n).max().orElse(0);
        int least =
                served.size() < lanes ? 0 : served.values().stream().min(Integer::compare).get();
        assertTrue(most - least <= 1, served::toString);
    }

    @Property(tries = 100)
    void theHighestPriorityGoesFirst(@ForAll @Size(min = 1, max = 20) List<Integer> priorities) {
        var order = new FairOrder();
        var expected = new HashMap<String, Integer>();
        for (var priority : priorities) {
            var name = "lane" + expected.size();
            expected.put(name, priority);
            join(order, name, 1, priority);
        }
        var found = new ArrayList<Integer>();
        for (var lane = order.first(l -> true); lane.isPresent(); lane = order.first(l -> true)) {
            found.add(lane.get().priority());
            order.remove(lane.get().key());
        }
        assertEquals(
                priorities.stream().sorted(java.util.Comparator.reverseOrder()).toList(), found);
    }

    @Test
    void aStreamOfNewBatchesDoesNotStarveAnOldOne() {
        join(order, "old", 1, 0);
        var served = new ArrayList<String>();
        for (int i = 0; i < 10; i++) {
            join(order, "new" + i, 1, 0);
            served.add(serve(order).orElseThrow());
        }
        assertEquals(
                List.of("old", "new0", "old", "new1", "new0", "new2", "old"), served.subList(0, 7));
    }

    @Test
    void aLaneThatMayNotStartHoldsUpNobodyAndComesBack() {
        join(order, "waits", 2, 9);
        join(order, "goes", 1, 0);
        assertEquals(Optional.of("goes"), serve(order));
        order.reopen(lane -> lane.round() < 2);
        assertEquals(Optional.of("goes"), serve(order));
        order.reopen(lane -> true);
        assertEquals(Optional.of("waits"), order.first(lane -> true).map(Lane::run));
    }

    @Test
    void oneHeldRoundOfARunIsAskedForAll() {
        for (int round = 2; round < 1002; round++) {
            join(order, "run", round, 0);
        }
        assertEquals(Optional.empty(), order.first(lane -> false));
        var asked = new ArrayList<Integer>();
        order.reopen(
                lane -> {
                    asked.add(lane.round());
                    return lane.round() < 4;
                });
        assertEquals(List.of(2, 3, 4), asked);
        assertEquals(Optional.of(2), order.first(lane -> true).map(Lane::round));
    }

    @Test
    void aHeldLaneCanBeRemovedAndChanged() {
        join(order, "a", 2, 0);
        join(order, "b", 2, 0);
        assertEquals(Optional.empty(), order.first(lane -> false));
        order.remove(lane("a", 2, 0, 0).key());
        order.put(order.find(lane("b", 2, 0, 0).key()).orElseThrow().from("elsewhere"));
        assertEquals(Optional.of("elsewhere"), order.first(lane -> true).map(Lane::next));
        order.reopen(lane -> true);
        assertEquals(Optional.of("b"), serve(order));
        order.remove(lane("b", 2, 0, 0).key());
        assertEquals(Optional.empty(), serve(order));
    }

    @Test
    void stateAndKeySayEverything() {
        var lane = lane("main", 7, -3, 12).from("main/7/hash/-3/0000004/id");
        assertEquals(lane, Lane.parse(lane.key(), Lane.state(lane)));
        assertTrue(lane.next().compareTo(lane.end()) < 0);
        assertTrue(
                lane("main", 7, -30, 0).from("main/7/hash/-30/0").next().compareTo(lane.end()) > 0);
    }

    private static Optional<String> serve(FairOrder order) {
        var lane = order.first(l -> l.round() < 2 || l.run().equals("b"));
        lane.ifPresent(l -> order.put(l.at(order.newTurn())));
        return lane.map(Lane::run);
    }

    private static void join(FairOrder order, String run, int round, int priority) {
        order.put(lane(run, round, priority, order.newTurn()));
    }

    private static Lane lane(String run, int round, int priority, long turn) {
        return new Lane(run, round, "hash", priority, turn, "");
    }
}
