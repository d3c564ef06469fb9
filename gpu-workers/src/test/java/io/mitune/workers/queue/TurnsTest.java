package io.mitune.workers.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private final Turns turns = new Turns();
    private final AtomicBoolean abandoned = new AtomicBoolean();

    @Test
    void oneTaskRunsAtATime() {
        var running = new AtomicInteger();
        var most = new AtomicInteger();
        TaskHandler<String, String> work =
                (task, out) -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    for (int i = 0; i < 100; i++) {
                        Thread.yield();
                    }
                    running.decrementAndGet();
                    return Outcome.done();
                };
        var loops =
                java.util.stream.IntStream.range(0, 4)
                        .mapToObj(i -> turns.guard(work))
                        .map(
                                h ->
                                        CompletableFuture.runAsync(
                                                () -> {
                                                    for (int i = 0; i < 50; i++) {
                                                        h.handle("task", emitter());
                                                    }
                                                }))
                        .toList();
        loops.forEach(CompletableFuture::join);
        assertEquals(1, most.get());
    }

    @Test
    void aTaskThatWaitsCanBeAbandoned() throws Exception {
        var started = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        TaskHandler<String, String> holds =
                (task, out) -> {
                    started.countDown();
                    try {
                        assertTrue(goOn.await(60, TimeUnit.SECONDS));
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return Outcome.done();
                };
        var first = handle(holds);
        assertTrue(started.await(60, TimeUnit.SECONDS));
        var second = handle(holds);
        abandoned.set(true);
        var error = assertThrows(CompletionException.class, second::join);
        assertEquals(TaskAbandoned.class, error.getCause().getClass());
        goOn.countDown();
        assertEquals(Outcome.done(), first.join());
    }

    @Test
    void aTaskThatFailsLetsTheNextOneIn() {
        TaskHandler<String, String> fails =
                (task, out) -> {
                    throw new IllegalStateException("device lost");
                };
        assertThrows(CompletionException.class, handle(fails)::join);
        assertEquals(Outcome.done(), handle((task, out) -> Outcome.done()).join());
    }

    private CompletableFuture<Outcome> handle(TaskHandler<String, String> handler) {
        return CompletableFuture.supplyAsync(() -> turns.guard(handler).handle("task", emitter()));
    }

    private Emitter<String> emitter() {
        return new Emitter<>() {
            @Override
            public void emit(String key, String value) {
                // nothing is sent
            }

            @Override
            public void checkpoint() {
                if (abandoned.get()) {
                    throw new TaskAbandoned();
                }
            }
        };
    }
}
