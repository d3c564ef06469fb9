package io.mitune.workers;

import io.mitune.schemas.Connection;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.workers.generation.EvaluationHandler;
import io.mitune.workers.generation.GenerationHandler;
import io.mitune.workers.generation.Workbench;
import io.mitune.workers.generation.WorkerModel;
import io.mitune.workers.queue.QueueConfig;
import io.mitune.workers.queue.QueueListener;
import io.mitune.workers.queue.Route;
import io.mitune.workers.queue.TaskFailedException;
import io.mitune.workers.queue.TaskLoop;
import io.mitune.workers.queue.Turns;
import io.mitune.workers.queue.WorkGroup;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The role that draws and scores: generation tasks to candidates, evaluation tasks to evaluations.
 *
 * <pre>
 *   generation-tasks --> loop --+               +--> candidates
 *                               +--> one task --+
 *   evaluation-tasks --> loop --+               +--> evaluations
 * </pre>
 *
 * <p>Any number of workers share the group; each does one task at a time. Each topic has a loop of
 * its own: of the partitions that a consumer subscribes to, the broker gives it only its share when
 * there are many workers, and half of them would wait for evaluations. {@link #run} belongs to one
 * thread, {@link #stop} may come from any, {@link #close} after run has ended.
 */
public final class CandidateWorker implements AutoCloseable {
    private final WorkerModel model;
    private final String name;
    private final TaskLoop generation;
    private final TaskLoop evaluation;

    /**
     * Loads the model.
     *
     * @throws io.mitune.diffusion.safetensors.ModelFileException in one line, when it can't
     */
    public CandidateWorker(
            Connection connection,
            BlobStore blobs,
            WorkerConfig config,
            DeviceLock device,
            WorkerListener listener) {
        if (config.configureGroup()) {
            WorkGroup.configure(connection, config.queue());
        }
        model = WorkerModel.load(config.model(), config.load());
        var bench = new Workbench(model, device, blobs, config.queue().worker(), listener);
        var topics = connection.topics();
        var turns = new Turns();
        name = config.queue().worker();
        generation =
                loop(
                        connection,
                        config.queue(),
                        new Route<>(
                                topics.generationTasks(),
                                topics.candidates(),
                                turns.guard(new GenerationHandler(bench, config.previews()))),
                        listener);
        evaluation =
                loop(
                        connection,
                        config.queue(),
                        new Route<>(
                                topics.evaluationTasks(),
                                topics.evaluations(),
                                turns.guard(new EvaluationHandler(bench, config.previews()))),
                        listener);
    }

    private static TaskLoop loop(
            Connection connection, QueueConfig config, Route<?, ?> route, QueueListener listener) {
        return new TaskLoop(connection, config, List.of(route), listener);
    }

    /** Works until {@link #stop}; when one loop breaks, so does the other. */
    public void run() {
        var evaluating =
                CompletableFuture.runAsync(
                        evaluation::run, work -> new Thread(work, name + "-evaluation").start());
        evaluating.whenComplete((nothing, error) -> generation.stop());
        try {
            generation.run();
        } finally {
            evaluation.stop();
            evaluating.handle((nothing, error) -> true).join();
        }
        try {
            evaluating.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof TaskFailedException failed ? failed : e;
        }
    }

    /** Asks {@link #run} to end in bounded time. */
    public void stop() {
        generation.stop();
        evaluation.stop();
    }

    /** Frees the model, unless a task that can't be stopped still runs on it. */
    @Override
    public void close() {
        if (generation.isIdle() && evaluation.isIdle()) {
            model.close();
        }
    }
}
