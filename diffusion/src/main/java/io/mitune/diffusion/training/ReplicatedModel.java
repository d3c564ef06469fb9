package io.mitune.diffusion.training;

import io.mitune.diffusion.devices.Devices;
import io.mitune.diffusion.devices.PerDevice;
import io.mitune.diffusion.model.StableDiffusion;
import java.nio.file.Path;
import java.util.List;

/**
 * A trainable model, once on each of several devices. Owns the models that it loaded. Used by one
 * thread.
 */
public final class ReplicatedModel implements AutoCloseable {
    private final PerDevice<TrainableModel> replicas;

    private ReplicatedModel(PerDevice<TrainableModel> replicas) {
        this.replicas = replicas;
    }

    /** A loaded model on its one device, which computes in the caller's thread; stays open. */
    static ReplicatedModel of(TrainableModel model) {
        return new ReplicatedModel(PerDevice.of(model));
    }

    /**
     * Loads a diffusers directory on every device at once.
     *
     * @throws IllegalArgumentException if a target module cannot be adapted
     * @throws io.mitune.diffusion.safetensors.ModelFileException if a file is not as it should be
     */
    public static ReplicatedModel load(Path model, Devices where, TrainingConfig config) {
        return new ReplicatedModel(
                PerDevice.load(
                        where,
                        device -> TrainableModel.load(model, device, config),
                        TrainableModel::close));
    }

    /** Its devices, the first of which holds what there is only one of. */
    List<PerDevice.Place<TrainableModel>> places() {
        return replicas.places();
    }

    TrainableModel first() {
        return replicas.first();
    }

    /** The frozen model on the first device. */
    public StableDiffusion base() {
        return first().base();
    }

    /** Uploads samples to every device. */
    public SampleSet upload(List<TrainingSample> samples, EncodedCaption empty) {
        var managers = places().stream().map(place -> place.get().manager()).toList();
        return SampleSet.upload(managers, samples, empty);
    }

    @Override
    public void close() {
        replicas.close();
    }
}
