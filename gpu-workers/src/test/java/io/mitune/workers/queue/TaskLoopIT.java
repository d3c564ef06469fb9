package io.mitune.workers.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.DeadLetters;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.blobs.BlobsUnavailableException;
import io.mitune.schemas.serde.DefaultSerde;
import io.mitune.workers.support.Child;
import io.mitune.workers.support.Cluster;
import io.mitune.workers.support.Eventually;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * The queue's guarantees against a real broker.
 *
 * <p>Locks are short where one must end, and long where a busy machine must not let it end.
 */
class TaskLoopIT {
    private static final Duration LIMIT = Queue.LIMIT;

    @TempDir static Path directory;
    private static Cluster cluster;

    @BeforeAll
    static void start() {
        cluster = Cluster.start(directory);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void everyTaskIsDoneByOneOfTwoWorkersThatShareOnePartition(TestInfo info) {
        var lock = Duration.ofSeconds(30);
        try (var queue = new Queue(cluster, directory, info, lock)) {
            Set<String> expected = new HashSet<>();
            for (int i = 0; i < 12; i++) {
                expected.add(queue.send("task " + i));
            }
            TaskHandler<GenerationTask, Candidate> handler =
                    (task, out) -> {
                        pause(100);
                        return Queue.emitOne(task, out);
                    };
            queue.start("a", handler);
            queue.start("b", handler);
            Eventually.holds("all tasks done", LIMIT, () -> queue.results().size() >= 12);
            var seen = queue.results().stream().map(c -> c.getPromptId().toString()).toList();
            assertEquals(12, seen.size());
            assertEquals(expected, new HashSet<>(seen));
        }
    }

    @Test
    void taskLongerThanItsLockIsKeptByRenewal(TestInfo info) {
        var lock = Duration.ofSeconds(8);
        try (var queue = new Queue(cluster, directory, info, lock)) {
            var tries = new AtomicInteger();
            TaskHandler<GenerationTask, Candidate> handler =
                    (task, out) -> {
                        tries.incrementAndGet();
                        pause(20_000);
                        return Queue.emitOne(task, out);
                    };
            queue.send("long");
            queue.start("a", handler);
            queue.start("b", handler);
            Eventually.holds("the task's result", LIMIT, () -> !queue.results().isEmpty());
            queue.stopAll();
            assertEquals(1, tries.get());
            assertEquals(1, queue.results().size());
            queue.expectNothingLeft();
        }
    }

    @Test
    void poisonAndRejectedTasksAreDeadLettersAndTheRestGoesOn(TestInfo info) {
        try (var queue = new Queue(cluster, directory, info)) {
            byte[] poison = {9, 9, 9};
            Cluster.sendBytes(queue.connection, queue.tasks(), "poison", poison);
            queue.send("bad");
            queue.send("good");
            queue.start(
                    "a",
                    (task, out) ->
                            task.getText().toString().equals("bad")
                                    ? Outcome.rejected("task: text: expected good, found bad")
                                    : Queue.emitOne(task, out));
            Eventually.holds("the good one", LIMIT, () -> queue.results().size() == 1);
            Eventually.holds("two dead letters", LIMIT, () -> queue.deadLetters().size() == 2);
            queue.stopAll();
            var letters = queue.deadLetters();
            var raw = letters.stream().filter(l -> l.value().length == 3).findFirst().orElseThrow();
            String reason = Queue.header(raw, DeadLetters.MESSAGE);
            assertTrue(reason.startsWith("topic " + queue.tasks().name() + ": "), reason);
            if (DefaultSerde.properties().isEmpty()) { // another serde has words of its own
                assertTrue(reason.contains("expected byte 0"), reason);
            }
            assertEquals(queue.tasks().name(), Queue.header(raw, DeadLetters.TOPIC));
            var bad = letters.stream().filter(l -> l.value().length > 3).findFirst().orElseThrow();
            assertEquals(
                    "task: text: expected good, found bad", Queue.header(bad, DeadLetters.MESSAGE));
            queue.expectNothingLeft();
        }
    }

    @Test
    void killedWorkersTaskIsDoneByAnother(TestInfo info) {
        try (var queue = new Queue(cluster, directory, info);
                var child =
                        Child.start(
                                directory.resolve("child.log"),
                                QueueWorkerMain.class,
                                cluster.bootstrapServers(),
                                cluster.schemaRegistryUrl(),
                                queue.prefix,
                                queue.group(),
                                "5")) {
            queue.send("crash");
            child.awaitLine("HOLD", LIMIT);
            child.kill();
            queue.start("b", Queue::emitOne);
            Eventually.holds(
                    "the result of the second worker",
                    LIMIT,
                    () -> queue.results().stream().anyMatch(c -> c.getWorker().equals("b")));
            var ids = new HashSet<>(queue.results().stream().map(Candidate::getSeed).toList());
            assertEquals(1, ids.size(), "a repeated task repeats its results");
            queue.stopAll();
            queue.expectNothingLeft();
        }
    }

    @Test
    void exceptionGivesTheTaskBackAndTheLimitEndsIt(TestInfo info) {
        try (var queue = new Queue(cluster, directory, info)) {
            var tries = new AtomicInteger();
            TaskHandler<GenerationTask, Candidate> bug =
                    (task, out) -> {
                        tries.incrementAndGet();
                        throw new IllegalStateException("device lost");
                    };
            queue.send("bug");
            for (int run = 1; run < Queue.DELIVERIES; run++) {
                var loop = queue.start("a" + run, bug);
                var error = assertThrows(CompletionException.class, loop.ended()::join);
                assertTrue(error.getCause() instanceof TaskFailedException, error::toString);
                assertTrue(error.getCause().getMessage().contains("device lost"));
                assertFalse(error.getCause().getMessage().contains("\n"));
                assertEquals(run, tries.get());
            }
            queue.start("last", bug);
            Eventually.holds("a dead letter", LIMIT, () -> queue.deadLetters().size() == 1);
            queue.stopAll();
            assertEquals(Queue.DELIVERIES - 1, tries.get(), "the last delivery isn't tried");
            assertTrue(
                    Queue.header(queue.deadLetters().get(0), DeadLetters.MESSAGE)
                            .contains("gave up"));
            queue.expectNothingLeft();
        }
    }

    @Test
    void anOutageOfTheBlobStoreUsesUpNoDelivery(TestInfo info) {
        try (var queue = new Queue(cluster, directory, info)) {
            var tries = new AtomicInteger();
            var usable = Collections.synchronizedList(new ArrayList<Boolean>());
            queue.send("kept");
            queue.start(
                    "a",
                    (task, out) -> {
                        if (tries.incrementAndGet() <= Queue.DELIVERIES + 1) {
                            throw new BlobsUnavailableException("blob store: away", null);
                        }
                        return Queue.emitOne(task, out);
                    },
                    new QueueListener() {
                        @Override
                        public void blobs(boolean isUsable) {
                            usable.add(isUsable);
                        }
                    });
            Eventually.holds("its result", LIMIT, () -> !queue.results().isEmpty());
            queue.stopAll();
            assertEquals(Queue.DELIVERIES + 2, tries.get());
            assertEquals(List.of(false, true), usable);
            assertEquals(List.of(), queue.deadLetters());
            queue.expectNothingLeft();
        }
    }

    @Test
    void anOutageThatDoesNotEndEndsTheLoop(TestInfo info) {
        try (var queue = new Queue(cluster, directory, info)) {
            var patience = Duration.ofMillis(1_700);
            queue.setOutagePatience(patience);
            var tries = new ArrayList<Long>();
            queue.send("kept for a time");
            var loop =
                    queue.start(
                            "a",
                            (task, out) -> {
                                if (tries.isEmpty()) { // drawing may take longer than patience
                                    pause(patience.toMillis());
                                }
                                tries.add(System.nanoTime());
                                throw new BlobsUnavailableException("blob store: away", null);
                            });
            var error = assertThrows(CompletionException.class, loop.ended()::join);
            assertTrue(error.getCause().getMessage().contains("blob store: away"));
            assertTrue(System.nanoTime() - tries.get(0) > patience.toNanos(), "patience");
            // at once and 0.25, 0.75 and 1.75 s later, if not even later
            assertTrue(tries.size() >= 2 && tries.size() <= 4, tries::toString);
            queue.start("b", Queue::emitOne);
            Eventually.holds("the task again", LIMIT, () -> queue.results().size() == 1);
        }
    }

    @Test
    void stopGivesALongTaskBackAfterItsGrace(TestInfo info) {
        try (var queue = new Queue(cluster, directory, info)) {
            var started = new CountDownLatch(1);
            var abandoned = new CompletableFuture<Long>();
            queue.send("endless");
            var loop =
                    queue.start(
                            "a",
                            (task, out) -> {
                                started.countDown();
                                try {
                                    while (true) {
                                        pause(10);
                                        out.checkpoint();
                                    }
                                } finally {
                                    abandoned.complete(System.nanoTime());
                                }
                            });
            await(started);
            long begin = System.nanoTime();
            loop.stop();
            loop.ended().orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
            long told = abandoned.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
            assertTrue(told - begin > Queue.GRACE.toNanos(), "not before its grace");
            queue.start("b", Queue::emitOne);
            Eventually.holds("the task again", LIMIT, () -> queue.results().size() == 1);
        }
    }

    @Test
    void brokerRestartDuringATaskLosesNothingAndRepeatsNoWork(TestInfo info) {
        try (var queue = new Queue(cluster, directory, info)) {
            var tries = new AtomicInteger();
            var started = new CountDownLatch(1);
            var goOn = new CountDownLatch(1);
            queue.send("held");
            queue.start(
                    "a",
                    (task, out) -> {
                        tries.incrementAndGet();
                        started.countDown();
                        await(goOn);
                        return Queue.emitOne(task, out);
                    });
            await(started);
            cluster.stopBroker();
            cluster.startBroker();
            goOn.countDown();
            Eventually.holds("its result", LIMIT, () -> queue.results().size() == 1);
            queue.send("after");
            Eventually.holds("the next result", LIMIT, () -> queue.results().size() == 2);
            queue.stopAll();
            queue.expectNothingLeft();
            assertEquals(2, tries.get(), "one try for each of two tasks");
        }
    }

    @Test
    void stopWhileTheBrokerIsAwayEndsInBoundedTime(TestInfo info) {
        try (var queue = new Queue(cluster, directory, info)) {
            var started = new CountDownLatch(1);
            var goOn = new CountDownLatch(1);
            queue.send("held");
            var loop =
                    queue.start(
                            "a",
                            (task, out) -> {
                                started.countDown();
                                await(goOn);
                                return Queue.emitOne(task, out);
                            });
            await(started);
            cluster.stopBroker();
            goOn.countDown();
            long begin = System.nanoTime();
            loop.stop();
            loop.ended().handle((ok, error) -> true).join();
            double seconds = (System.nanoTime() - begin) / 1e9;
            cluster.startBroker();
            assertTrue(seconds < 40, "took " + seconds + " s");
            queue.start("b", Queue::emitOne);
            Eventually.holds("the task again", LIMIT, () -> !queue.results().isEmpty());
        }
    }

    /** A computation of that length, as the loop sees it. */
    private static void pause(long millis) {
        long end = System.nanoTime() + millis * 1_000_000;
        while (System.nanoTime() < end) {
            java.util.concurrent.locks.LockSupport.parkNanos(end - System.nanoTime());
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(LIMIT.toSeconds(), TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
