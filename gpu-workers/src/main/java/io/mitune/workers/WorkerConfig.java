package io.mitune.workers;

import io.mitune.diffusion.model.LoadOptions;
import io.mitune.schemas.ClientNames;
import io.mitune.workers.queue.QueueConfig;
import java.nio.file.Path;

/**
 * One candidate worker.
 *
 * @param model directory of the diffusers model
 * @param load device and dtypes
 * @param queue share group, name of the worker, locks
 * @param previews whether to decode a picture of each candidate, and contact sheets
 * @param configureGroup whether to set the share group's properties on the broker at the start,
 *     which needs the right to; an administrator can do it once instead
 */
public record WorkerConfig(
        Path model, LoadOptions load, QueueConfig queue, boolean previews, boolean configureGroup) {

    /** fp32 on the CPU, with pictures, in the group PREFIXworkers. */
    public static WorkerConfig of(Path model, String topicPrefix, String worker) {
        return new WorkerConfig(
                model,
                LoadOptions.plain(),
                QueueConfig.of(new ClientNames(topicPrefix).workers(), worker),
                true,
                true);
    }

    public WorkerConfig withLoad(LoadOptions value) {
        return new WorkerConfig(model, value, queue, previews, configureGroup);
    }

    public WorkerConfig withQueue(QueueConfig value) {
        return new WorkerConfig(model, load, value, previews, configureGroup);
    }

    public WorkerConfig withPreviews(boolean value) {
        return new WorkerConfig(model, load, queue, value, configureGroup);
    }

    public WorkerConfig withConfigureGroup(boolean value) {
        return new WorkerConfig(model, load, queue, previews, value);
    }
}
