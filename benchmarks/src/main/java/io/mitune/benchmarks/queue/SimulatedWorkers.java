package io.mitune.benchmarks.queue;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topics;
import io.mitune.workers.queue.QueueConfig;
import io.mitune.workers.queue.Route;
import io.mitune.workers.queue.TaskLoop;
import io.mitune.workers.queue.WorkGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;

/**
 * Workers of this process, each with its own share consumer, producer and device thread: the loop
 * of the candidate worker, and a device that sleeps. Belongs to one thread.
 */
final class SimulatedWorkers implements AutoCloseable {
    private final Connection connection;
    private final double seconds;
    private final List<TaskLoop> loops = new ArrayList<>();
    private final List<CompletableFuture<Void>> ended = new ArrayList<>();

    SimulatedWorkers(Connection connection, double seconds) {
        this.connection = connection;
        this.seconds = seconds;
        WorkGroup.configure(connection, config("administrator"));
    }

    List<String> names() {
        return loops.stream().map(loop -> name(loops.indexOf(loop))).toList();
    }

    /** Adds workers until there are {@code n}; those that are there go on with their tasks. */
    void grow(int n) {
        while (loops.size() < n) {
            var name = name(loops.size());
            var loop = new TaskLoop(connection, config(name), List.of(route(name)));
            loops.add(loop);
            var thread =
                    Executors.newSingleThreadExecutor(
                            work -> {
                                var t = new Thread(work, name);
                                t.setDaemon(true);
                                return t;
                            });
            ended.add(CompletableFuture.runAsync(loop::run, thread));
        }
    }

    /** Throws what ended a worker, if one ended. */
    void check() {
        ended.stream().filter(CompletableFuture::isDone).forEach(CompletableFuture::join);
    }

    private Route<?, ?> route(String name) {
        var topics = connection.topics();
        return new Route<>(
                topics.generationTasks(), topics.candidates(), new SleepingHandler(name, seconds));
    }

    private static String name(int number) {
        return "worker-" + number;
    }

    private static QueueConfig config(String worker) {
        return QueueConfig.of(Topics.DEFAULT_PREFIX + "workers", worker);
    }

    @Override
    public void close() {
        loops.forEach(TaskLoop::stop);
        ended.forEach(e -> e.handle((nothing, error) -> true).join());
    }
}
