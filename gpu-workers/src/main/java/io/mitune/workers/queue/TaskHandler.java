package io.mitune.workers.queue;

/**
 * Does one task. Called from the loop's device thread only, one task at a time.
 *
 * <p>A task can come again after a crash, a lost lock or a broker restart, so the same task must
 * emit the same results under the same keys.
 *
 * @param <I> the task
 * @param <O> its results
 */
@FunctionalInterface
public interface TaskHandler<I, O> {

    /**
     * Does {@code task} and hands its results to {@code out}.
     *
     * @throws TaskAbandoned when {@link Emitter#checkpoint} said so; the task is given back
     */
    Outcome handle(I task, Emitter<O> out);
}
