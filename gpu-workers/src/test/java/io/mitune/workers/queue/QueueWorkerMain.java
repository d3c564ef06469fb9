package io.mitune.workers.queue;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.Connection;
import io.mitune.schemas.GenerationTask;
import io.mitune.workers.support.Tasks;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A worker process that takes a task and never finishes it, or is ended by it at once. */
final class QueueWorkerMain {
    private QueueWorkerMain() {}

    public static void main(String[] arguments) {
        var connection = new Connection(arguments[0], arguments[1], arguments[2], Map.of());
        TaskHandler<GenerationTask, Candidate> hang =
                (task, out) -> {
                    out.emit(task.getPromptId(), Tasks.candidate(task, 0, "child"));
                    System.out.println("HOLD " + task.getTaskId());
                    if (arguments.length > 5) {
                        Runtime.getRuntime().halt(9);
                    }
                    forever();
                    return Outcome.done();
                };
        var topics = connection.topics();
        var config =
                new QueueConfig(
                        arguments[3],
                        "child",
                        Duration.ofSeconds(30),
                        Integer.parseInt(arguments[4]),
                        Duration.ZERO,
                        Duration.ZERO,
                        Duration.ZERO);
        new TaskLoop(
                        connection,
                        config,
                        List.of(new Route<>(topics.generationTasks(), topics.candidates(), hang)))
                .run();
    }

    private static void forever() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
