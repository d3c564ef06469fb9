package io.mitune.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * Exponential moving average of the adapter, whose weights are less noisy than the last step's.
 *
 * <p>The decay rises as diffusers' {@code EMAModel} has it, min(decay, (1 + k) / (10 + k)) after k
 * earlier updates and 0 for the first, so that the start values are soon forgotten. Not
 * thread-safe.
 */
final class Ema implements AutoCloseable {
    private final NDArray average;
    private final double decay;
    private long updates;

    /** Starts at the parameters' present values. */
    Ema(NDManager manager, NDArray parameters, double decay) {
        average = parameters.duplicate();
        average.attach(manager);
        this.decay = decay;
    }

    /** Takes in the parameters after an optimizer step: avg += (1 - d) (p - avg). */
    void update(NDArray parameters) {
        var d = updates == 0 ? 0 : Math.min(decay, (1.0 + updates) / (10 + updates));
        updates++;
        try (var delta = parameters.sub(average)) {
            average.addi(delta.muli(1 - d));
        }
    }

    /** The averaged parameters, live. */
    NDArray average() {
        return average;
    }

    long updates() {
        return updates;
    }

    /** Puts a saved state back. */
    void restore(NDArray saved, long savedUpdates) {
        saved.copyTo(average);
        updates = savedUpdates;
    }

    @Override
    public void close() {
        average.close();
    }
}
