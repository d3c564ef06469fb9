package io.mitune.workers.queue;

/**
 * Takes the results of one task and tells it when to give up.
 *
 * @param <O> the results
 */
public interface Emitter<O> {

    /** Sends one result; returns before the broker has it. */
    void emit(String key, O value);

    /**
     * To be called between units of work (a denoising step, a micro-batch).
     *
     * @throws TaskAbandoned when the worker is stopping and its grace period is over
     */
    void checkpoint();
}
