package io.mitune.benchmarks.queue;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topics;
import io.mitune.workers.queue.Outcome;
import io.mitune.workers.queue.QueueConfig;
import io.mitune.workers.queue.Route;
import io.mitune.workers.queue.TaskLoop;
import io.mitune.workers.queue.WorkGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Workers of this process, each with the two loops of a candidate worker, consumers and producers
 * of its own, and a device that sleeps. Belongs to one thread.
 */
final class SimulatedWorkers implements AutoCloseable {
    private final Connection connection;
    private final double seconds;
    private final List<String> names = new ArrayList<>();
    private final List<TaskLoop> loops = new ArrayList<>();
    private final List<CompletableFuture<Void>> ended = new ArrayList<>();

    SimulatedWorkers(Connection connection, double seconds) {
        this.connection = connection;
        this.seconds = seconds;
        WorkGroup.configure(connection, config("administrator"));
    }

    List<String> names() {
        return names;
    }

    /** Adds workers until there are {@code n}; those that are there go on with their tasks. */
    void grow(int n) {
        while (names.size() < n) {
            var name = name(names.size());
            names.add(name);
            start(name, candidates(name));
            start(name, evaluations());
        }
    }

    private void start(String name, Route<?, ?> route) {
        var loop = new TaskLoop(connection, config(name), List.of(route));
        loops.add(loop);
        ended.add(CompletableFuture.runAsync(loop::run, work -> new Thread(work, name).start()));
    }

    /** Throws what ended a worker, if one ended. */
    void check() {
        ended.stream().filter(CompletableFuture::isDone).forEach(CompletableFuture::join);
    }

    private Route<?, ?> candidates(String name) {
        var topics = connection.topics();
        return new Route<>(
                topics.generationTasks(), topics.candidates(), new SleepingHandler(name, seconds));
    }

    /** There are none; a worker asks for them all the same. */
    private Route<?, ?> evaluations() {
        var topics = connection.topics();
        return new Route<>(
                topics.evaluationTasks(),
                topics.evaluations(),
                (task, out) -> Outcome.rejected("evaluation: expected none"));
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
