package io.mitune.workers.training;

import io.mitune.diffusion.adapter.AdapterFile;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.training.AdapterTrainer;
import io.mitune.diffusion.training.TrainingConfig;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.blobs.BlobException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Where training begins: a new run, the adapter in use, or a checkpoint. Used by one thread. */
final class TrainerStart {
    private final TrainerContext context;

    TrainerStart(TrainerContext context) {
        this.context = context;
    }

    /** The base model is version 0; its evaluation is what the first adapter is compared with. */
    void announceNewRun() {
        if (context.run().last().isPresent()) {
            return;
        }
        var out = context.out();
        var base = context.events().base();
        var evaluation = context.events().evaluation(0, 0, Optional.empty());
        out.commit(
                List.of(
                        out.record(context.topics().adapterHistory(), base.getRun(), base),
                        out.record(
                                context.topics().evaluationTasks(),
                                evaluation.getTaskId(),
                                evaluation)),
                context.curated().consumed());
        context.run().wrote(base);
        context.listener().published(base);
    }

    /** A trainer that starts from the adapter in use, or from the base model. */
    AdapterTrainer begin(TrainingConfig settings) {
        var adapter = context.run().current().map(AdapterEvent::getAdapter);
        if (adapter.isEmpty()) {
            return fresh(settings);
        }
        var file = verified(adapter.get(), "adapter");
        return onDevice(
                () -> AdapterTrainer.from(context.model(), settings, AdapterFile.read(file)));
    }

    /** A trainer that starts from the base model. */
    AdapterTrainer fresh(TrainingConfig settings) {
        return onDevice(() -> AdapterTrainer.fresh(context.model(), settings));
    }

    /** Puts a trainer where a checkpoint was; returns what else the checkpoint holds. */
    Map<String, String> restore(AdapterTrainer trainer, BlobRef checkpoint) {
        var file = verified(checkpoint, "checkpoint");
        return onDevice(() -> trainer.restore(file));
    }

    /** Runs work on the device; a bad model file ends the trainer in one line. */
    <T> T onDevice(Supplier<T> work) {
        try {
            return context.device().with(work);
        } catch (ModelFileException e) {
            throw failure(e.getMessage(), e);
        }
    }

    private Path verified(BlobRef ref, String what) {
        try {
            return context.blobs().resolve(ref);
        } catch (BlobException e) {
            throw failure("its " + what + ": " + e.getMessage(), e);
        }
    }

    private TrainerException failure(String message, Throwable cause) {
        return new TrainerException(
                "trainer of run " + context.config().run() + ": " + message, cause);
    }
}
