package io.mitune.workers.training;

import io.mitune.diffusion.training.ReplicatedModel;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Topics;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.workers.DeviceLock;
import io.mitune.workers.TrainerListener;
import io.mitune.workers.TrainerRoleConfig;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/**
 * What the parts of one trainer share.
 *
 * @param config of the role
 * @param connection to the cluster
 * @param model frozen, with the trainable adapter, on each device
 * @param device whose turn it is on the device
 * @param blobs latents, adapters, trainer states
 * @param out what the trainer writes
 * @param run what the log says of the run
 * @param curated what it reads
 * @param events makes its records
 * @param scratch directory for files on their way into blobs
 * @param listener for progress
 * @param stop whether to end
 */
record TrainerContext(
        TrainerRoleConfig config,
        Connection connection,
        ReplicatedModel model,
        DeviceLock device,
        BlobStore blobs,
        TrainerLog out,
        RunEvents run,
        CuratedLog curated,
        TrainerEvents events,
        Path scratch,
        TrainerListener listener,
        BooleanSupplier stop) {

    Topics topics() {
        return connection.topics();
    }

    boolean isStopping() {
        return stop.getAsBoolean();
    }
}
