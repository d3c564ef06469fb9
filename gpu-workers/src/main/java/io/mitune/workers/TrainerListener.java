package io.mitune.workers;

import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.TrainingStep;

/**
 * Follows a trainer; called on its thread, so calls must be quick.
 *
 * <p>For progress bars. What is done stands in the topics.
 */
public interface TrainerListener {
    /** Follows nothing. */
    TrainerListener NONE = new TrainerListener() {};

    /**
     * Waiting for curated samples.
     *
     * @param seen prompts of the round that are there
     * @param expected prompts of the round; 0 while nobody knows
     */
    default void waiting(int round, int seen, int expected) {}

    /** Whether there is something to train on; false while it waits for samples or a decision. */
    default void working(boolean busy) {}

    /**
     * Training begins or goes on.
     *
     * @param samples samples of the round
     * @param step optimizer steps of this round that are done
     * @param steps optimizer steps of the round
     */
    default void training(int round, int samples, long step, long steps) {}

    /**
     * One optimizer step is done.
     *
     * @param done optimizer steps of this round that are done
     */
    default void stepped(TrainingStep step, long done, long steps) {}

    /** A checkpoint or a candidate is in the log. */
    default void published(AdapterEvent event) {}

    /** A round is decided. */
    default void decided(AdapterEvent current) {}
}
