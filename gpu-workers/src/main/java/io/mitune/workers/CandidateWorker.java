package io.mitune.workers;

import io.mitune.schemas.Connection;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.workers.generation.EvaluationHandler;
import io.mitune.workers.generation.GenerationHandler;
import io.mitune.workers.generation.Workbench;
import io.mitune.workers.generation.WorkerModel;
import io.mitune.workers.queue.Route;
import io.mitune.workers.queue.TaskLoop;
import io.mitune.workers.queue.WorkGroup;
import java.util.List;

/**
 * The role that draws and scores: generation tasks to candidates, evaluation tasks to evaluations.
 *
 * <pre>
 *   generation-tasks --+                            +--> candidates
 *                      +--> share group --> device -+
 *   evaluation-tasks --+        (one task)          +--> evaluations
 * </pre>
 *
 * <p>Any number of workers share the group; each holds one task at a time. {@link #run} belongs to
 * one thread, {@link #stop} may come from any, {@link #close} after run has ended.
 */
public final class CandidateWorker implements AutoCloseable {
    private final WorkerModel model;
    private final TaskLoop loop;

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
        loop =
                new TaskLoop(
                        connection,
                        config.queue(),
                        List.of(
                                new Route<>(
                                        topics.generationTasks(),
                                        topics.candidates(),
                                        new GenerationHandler(bench, config.previews())),
                                new Route<>(
                                        topics.evaluationTasks(),
                                        topics.evaluations(),
                                        new EvaluationHandler(bench, config.previews()))));
    }

    /** Works until {@link #stop}; see {@link TaskLoop#run}. */
    public void run() {
        loop.run();
    }

    /** Asks {@link #run} to end in bounded time. */
    public void stop() {
        loop.stop();
    }

    /** Frees the model, unless a task that can't be stopped still runs on it. */
    @Override
    public void close() {
        if (loop.isIdle()) {
            model.close();
        }
    }
}
