package io.mitune.diffusion.sampling;

import java.util.Optional;

/** What a caller may follow and stop; every method is called on the sampling thread. */
public interface SamplingListener {
    /** Follows nothing. */
    SamplingListener NONE = new SamplingListener() {};

    /**
     * After each model call.
     *
     * @param done sample steps done, over all micro-batches
     * @param total sample steps of the request
     */
    default void progress(long done, long total) {}

    /** Asked before each model call; true ends it with a CancellationException. */
    default boolean cancelled() {
        return false;
    }

    /**
     * An observer for the micro-batch that is about to start. One observer makes the model compute
     * both halves even where guidance does not need them.
     *
     * @param first index of the micro-batch's first sample in the request
     * @param count its size
     */
    default Optional<StepObserver> observer(int first, int count) {
        return Optional.empty();
    }
}
