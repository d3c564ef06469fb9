package io.mitune.workers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DeviceLockTest {
    private static final int TURNS = 20;

    @Test
    void rolesTakeTurnsAndNeverOverlap() {
        var lock = new DeviceLock();
        var inside = new AtomicInteger();
        var order = Collections.synchronizedList(new ArrayList<Integer>());
        var roles = new ArrayList<CompletableFuture<Void>>();
        lock.run(
                () -> {
                    for (int role = 0; role < 2; role++) {
                        int name = role;
                        roles.add(
                                CompletableFuture.runAsync(
                                        () -> repeat(lock, inside, order, name),
                                        work -> new Thread(work).start()));
                    }
                    while (!lock.hasWaiting(2)) {
                        Thread.onSpinWait();
                    }
                });
        roles.forEach(CompletableFuture::join);
        assertEquals(2 * TURNS, order.size());
        for (int i = 2; i < order.size(); i++) { // neither goes twice in a row
            assertEquals(order.get(i - 2), order.get(i), order.toString());
        }
    }

    @Test
    void holderMayTakeItAgain() {
        var lock = new DeviceLock();
        assertEquals(3, lock.with(() -> lock.with(() -> 3)));
    }

    private static void repeat(
            DeviceLock lock, AtomicInteger inside, List<Integer> order, int name) {
        for (int i = 0; i < TURNS; i++) {
            lock.run(
                    () -> {
                        assertEquals(1, inside.incrementAndGet());
                        order.add(name);
                        // the other one queues up, unless it has no turn left
                        while (Collections.frequency(order, 1 - name) < TURNS
                                && !lock.hasWaiting(1)) {
                            Thread.onSpinWait();
                        }
                        inside.decrementAndGet();
                    });
        }
    }
}
