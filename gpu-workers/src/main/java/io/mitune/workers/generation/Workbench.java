package io.mitune.workers.generation;

import io.mitune.schemas.BlobRef;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.workers.DeviceLock;
import io.mitune.workers.WorkerListener;
import java.util.Optional;

/**
 * What the handlers of one worker share.
 *
 * @param model the model with its adapter
 * @param device whose turn it is on the device
 * @param blobs where latents, pictures and adapters are
 * @param worker name of this worker, as events tell it
 * @param listener for progress
 */
public record Workbench(
        WorkerModel model,
        DeviceLock device,
        BlobStore blobs,
        String worker,
        WorkerListener listener) {

    void useAdapter(Optional<BlobRef> adapter) {
        device.run(() -> model.use(adapter, blobs));
    }
}
