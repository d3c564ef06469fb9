package io.mitune.diffusion.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * One stage of a denoiser as a function of its inputs alone.
 *
 * <p>So a trainer can run a stage without keeping its activations and run it again, with them, when
 * the gradient comes back (gradient checkpointing).
 */
public interface DenoiserBlock {
    /** How many of the states left by earlier stages this one takes, the latest first. */
    int skipsTaken();

    /** Path in the model file, for messages. */
    String path();

    /**
     * @param hidden the hidden state, with B samples in front
     * @param skips the {@link #skipsTaken} latest states left by earlier stages, the latest first
     * @param constants what {@link Denoiser#begin} made for all stages
     * @return the new hidden state, then the states that the stage leaves, the oldest first; where
     *     the hidden state is the last of them it appears twice
     */
    NDList forward(NDArray hidden, NDList skips, NDList constants);
}
