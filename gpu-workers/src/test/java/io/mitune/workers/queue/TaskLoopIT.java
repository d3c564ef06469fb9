package io.mitune.workers.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.Connection;
import io.mitune.schemas.DeadLetters;
import io.mitune.schemas.GenerationTask;
import io.mitune.workers.support.Child;
import io.mitune.workers.support.Cluster;
import io.mitune.workers.support.Eventually;
import io.mitune.workers.support.Tasks;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** The queue's guarantees against a real broker, with locks of two seconds. */
class TaskLoopIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

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
        try (var queue = new Queue(info)) {
            Set<String> expected = new HashSet<>();
            for (int i = 0; i < 12; i++) {
                expected.add(queue.send("task " + i));
            }
            TaskHandler<GenerationTask, Candidate> handler =
                    (task, out) -> {
                        pause(100);
                        return emitOne(task, out);
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
        try (var queue = new Queue(info)) {
            var tries = new AtomicInteger();
            TaskHandler<GenerationTask, Candidate> handler =
                    (task, out) -> {
                        tries.incrementAndGet();
                        pause(6_000);
                        return emitOne(task, out);
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
        try (var queue = new Queue(info)) {
            byte[] poison = {9, 9, 9};
            Cluster.sendBytes(queue.connection, queue.tasks(), "poison", poison);
            queue.send("bad");
            queue.send("good");
            queue.start(
                    "a",
                    (task, out) ->
                            task.getText().toString().equals("bad")
                                    ? Outcome.rejected("task: text: expected good, found bad")
                                    : emitOne(task, out));
            Eventually.holds("the good one", LIMIT, () -> queue.results().size() == 1);
            Eventually.holds("two dead letters", LIMIT, () -> queue.deadLetters().size() == 2);
            queue.stopAll();
            var letters = queue.deadLetters();
            var raw = letters.stream().filter(l -> l.value().length == 3).findFirst().orElseThrow();
            assertTrue(header(raw, DeadLetters.MESSAGE).contains("expected byte 0"));
            assertEquals(queue.tasks().name(), header(raw, DeadLetters.TOPIC));
            var bad = letters.stream().filter(l -> l.value().length > 3).findFirst().orElseThrow();
            assertEquals("task: text: expected good, found bad", header(bad, DeadLetters.MESSAGE));
            queue.expectNothingLeft();
        }
    }

    @Test
    void killedWorkersTaskIsDoneByAnother(TestInfo info) {
        try (var queue = new Queue(info);
                var child =
                        Child.start(
                                directory.resolve("child.log"),
                                QueueWorkerMain.class,
                                cluster.bootstrapServers(),
                                cluster.schemaRegistryUrl(),
                                queue.prefix,
                                queue.group())) {
            queue.send("crash");
            child.awaitLine("HOLD", LIMIT);
            child.kill();
            queue.start("b", TaskLoopIT::emitOne);
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
        try (var queue = new Queue(info)) {
            var tries = new AtomicInteger();
            TaskHandler<GenerationTask, Candidate> bug =
                    (task, out) -> {
                        tries.incrementAndGet();
                        throw new IllegalStateException("device lost");
                    };
            queue.send("bug");
            for (int run = 1; run < Queue.DELIVERIES; run++) {
                var loop = queue.start("a" + run, bug);
                var error = assertThrows(CompletionException.class, loop.ended::join);
                assertTrue(error.getCause() instanceof TaskFailedException, error::toString);
                assertTrue(error.getCause().getMessage().contains("device lost"));
                assertFalse(error.getCause().getMessage().contains("\n"));
                assertEquals(run, tries.get());
            }
            queue.start("last", bug);
            Eventually.holds("a dead letter", LIMIT, () -> queue.deadLetters().size() == 1);
            queue.stopAll();
            assertEquals(Queue.DELIVERIES - 1, tries.get(), "the last delivery isn't tried");
            assertTrue(header(queue.deadLetters().get(0), DeadLetters.MESSAGE).contains("gave up"));
            queue.expectNothingLeft();
        }
    }

    @Test
    void stopGivesALongTaskBackWithinItsGrace(TestInfo info) {
        try (var queue = new Queue(info)) {
            var started = new CountDownLatch(1);
            queue.send("endless");
            var loop =
                    queue.start(
                            "a",
                            (task, out) -> {
                                started.countDown();
                                while (true) {
                                    pause(10);
                                    out.checkpoint();
                                }
                            });
            await(started);
            long begin = System.nanoTime();
            loop.stop();
            loop.ended.join();
            assertTrue(System.nanoTime() - begin < 5e9, "stops in bounded time");
            queue.start("b", TaskLoopIT::emitOne);
            Eventually.holds("the task again", LIMIT, () -> queue.results().size() == 1);
        }
    }

    @Test
    void brokerRestartDuringATaskLosesNothingAndRepeatsNoWork(TestInfo info) {
        try (var queue = new Queue(info)) {
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
                        return emitOne(task, out);
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
        try (var queue = new Queue(info)) {
            var started = new CountDownLatch(1);
            var goOn = new CountDownLatch(1);
            queue.send("held");
            var loop =
                    queue.start(
                            "a",
                            (task, out) -> {
                                started.countDown();
                                await(goOn);
                                return emitOne(task, out);
                            });
            await(started);
            cluster.stopBroker();
            goOn.countDown();
            long begin = System.nanoTime();
            loop.stop();
            loop.ended.handle((ok, error) -> true).join();
            double seconds = (System.nanoTime() - begin) / 1e9;
            cluster.startBroker();
            assertTrue(seconds < 40, "took " + seconds + " s");
            queue.start("b", TaskLoopIT::emitOne);
            Eventually.holds("the task again", LIMIT, () -> !queue.results().isEmpty());
        }
    }

    private static Outcome emitOne(GenerationTask task, Emitter<Candidate> out) {
        String worker = Thread.currentThread().getName().replace("-device", "");
        out.emit(task.getPromptId().toString(), Tasks.candidate(task, 0, worker));
        return Outcome.done();
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
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
            assertTrue(latch.await(60, java.util.concurrent.TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One test's topics, group and loops. */
    private static final class Queue implements AutoCloseable {
        static final int DELIVERIES = 3;
        final String prefix;
        final Connection connection;
        private final List<RunningLoop> loops = new ArrayList<>();

        Queue(TestInfo info) {
            prefix = info.getTestMethod().orElseThrow().getName().substring(0, 12) + ".";
            connection = cluster.connection(prefix);
            WorkGroup.configure(connection, config("admin"));
        }

        String group() {
            return prefix + "workers";
        }

        io.mitune.schemas.Topic<GenerationTask> tasks() {
            return connection.topics().generationTasks();
        }

        QueueConfig config(String worker) {
            return new QueueConfig(
                    group(),
                    worker,
                    Duration.ofSeconds(2),
                    DELIVERIES,
                    Duration.ofMillis(300),
                    Duration.ofSeconds(2));
        }

        /** Sends a task, always to the same partition; returns its promptId. */
        String send(String text) {
            GenerationTask task = Tasks.generation(text, 1, 1);
            Cluster.send(connection, tasks(), "same key", task);
            return task.getPromptId().toString();
        }

        RunningLoop start(String worker, TaskHandler<GenerationTask, Candidate> handler) {
            var route = new Route<>(tasks(), connection.topics().candidates(), handler);
            var loop = new TaskLoop(connection, config(worker), List.of(route));
            var running = new RunningLoop(loop, CompletableFuture.runAsync(loop::run));
            loops.add(running);
            return running;
        }

        List<Candidate> results() {
            return Cluster.values(connection, connection.topics().candidates());
        }

        List<ConsumerRecord<byte[], byte[]>> deadLetters() {
            return Cluster.read(connection, connection.topics().deadLetters());
        }

        /** A task that is neither accepted nor rejected would come to this loop. */
        void expectNothingLeft() {
            int before = results().size();
            String marker = send("marker");
            start("marker", TaskLoopIT::emitOne);
            Eventually.holds(
                    "the marker",
                    LIMIT,
                    () ->
                            results().stream()
                                    .anyMatch(c -> c.getPromptId().toString().equals(marker)));
            assertEquals(before + 1, results().size());
        }

        void stopAll() {
            loops.forEach(RunningLoop::stop);
            loops.forEach(l -> l.ended.handle((ok, error) -> true).join());
        }

        @Override
        public void close() {
            stopAll();
        }
    }

    private record RunningLoop(TaskLoop loop, CompletableFuture<Void> ended) {
        void stop() {
            loop.stop();
        }
    }
}
