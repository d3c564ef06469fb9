package io.mitune.diffusion.model.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * One stage of the U-Net as a function of its inputs alone.
 *
 * <p>So a trainer can run a stage without keeping its activations and run it again, with them, when
 * the gradient comes back (gradient checkpointing).
 */
public interface UNetBlock {
    /** How many of the skip connections this stage takes, the latest first. */
    int skipsTaken();

    /** Path in the model file, for messages. */
    String path();

    /**
     * @param hidden [B, C, H, W]
     * @param skips the {@link #skipsTaken} latest skip connections, the latest first
     * @param temb time embedding, [B, E] or [1, E]
     * @param context text, [K, L, D] with K a divisor of B
     * @return the new hidden state, then the skip connections that the stage leaves, the oldest
     *     first; where the hidden state is the last of them it appears twice
     */
    NDList forward(NDArray hidden, NDList skips, NDArray temb, NDArray context);
}
