package io.mitune.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.devices.PerDevice;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One device's part in a trainer: a copy of the adapter's values, and passes at these values.
 *
 * <p>Its methods ask the device's thread, which does one thing after the other, and return at once.
 * Used by one thread.
 */
final class Replica implements AutoCloseable {
    private final PerDevice.Place<TrainableModel> place;
    private final TrainableModel model;
    private final DenoisingLoss loss;
    private final Backpropagation backpropagation;
    private final NDManager manager;
    private NDArray parameters; // null until the first are taken

    Replica(PerDevice.Place<TrainableModel> place, DenoisingLoss loss, boolean checkpointing) {
        this.place = place;
        this.loss = loss;
        model = place.get();
        backpropagation = checkpointing ? new Checkpointing(model) : Backpropagation.whole(model);
        manager = model.manager().newSubManager();
    }

    /**
     * What a pass found out.
     *
     * @param loss a scalar
     * @param gradient by each value of the adapter
     */
    record Result(NDArray loss, NDArray gradient) implements AutoCloseable {
        @Override
        public void close() {
            loss.close();
            gradient.close();
        }
    }

    /** The device as users write it. */
    String name() {
        return place.name();
    }

    /** Computes something in the device's thread. */
    <T> CompletableFuture<T> run(Supplier<T> work) {
        return place.run(work);
    }

    /**
     * Takes the values for the coming passes.
     *
     * @param values on any device; on this one they are used as they are, and must not change
     *     during passes
     */
    CompletableFuture<Void> take(NDArray values) {
        return place.run(
                () -> {
                    if (values.getDevice().equals(manager.getDevice())) {
                        parameters = values;
                    } else {
                        var copy = values.toDevice(manager.getDevice(), true);
                        copy.attach(manager);
                        if (parameters != null) {
                            parameters.close();
                        }
                        parameters = copy;
                    }
                    model.adapter().computeNorms(parameters);
                    return null;
                });
    }

    /**
     * One forward and backward pass.
     *
     * @param batch makes the input, given the owner of its arrays
     * @param samples N, over which the loss is the mean
     * @return loss and gradient on this device, the caller's to close
     */
    CompletableFuture<Result> pass(Function<NDManager, TrainingBatch> batch, int samples) {
        return place.run(() -> compute(batch, samples));
    }

    private Result compute(Function<NDManager, TrainingBatch> batch, int samples) {
        try (var scratch = manager.newSubManager()) {
            var leaf = leaf(scratch);
            try {
                var problem = loss.problem(scratch, batch.apply(scratch), samples);
                var value = backpropagation.run(scratch, leaf, problem);
                var result = new Result(value, leaf.getGradient());
                result.loss().attach(manager);
                result.gradient().attach(manager);
                return result;
            } finally {
                model.adapter().release();
            }
        }
    }

    /** The parameters as the graph's leaf: the same memory, a gradient of its own. */
    private NDArray leaf(NDManager scratch) {
        var leaf = parameters.stopGradient();
        leaf.attach(scratch);
        leaf.setRequiresGradient(true);
        return leaf;
    }

    @Override
    public void close() {
        manager.close();
    }
}
