package io.mitune.diffusion.nn;

import java.util.Optional;

/**
 * Chooses the adapter of each linear layer while a network is built.
 *
 * <p>Asked once per layer, by its path in the model file ({@code
 * mid_block.attentions.0.transformer_blocks.0.attn1.to_q}), so a network needs no knowledge of how
 * it is fine-tuned.
 */
@FunctionalInterface
public interface Adapters {
    /** Layers as they are, for networks that only predict. */
    Adapters NONE =
            new Adapters() {
                @Override
                public Optional<LinearAdapter> find(String path, Linear layer) {
                    return Optional.empty();
                }

                @Override
                public boolean trains() {
                    return false;
                }
            };

    /**
     * @param path dotted path of the layer below the network's root
     * @param layer the frozen layer, for its shape and weight
     */
    Optional<LinearAdapter> find(String path, Linear layer);

    /** Whether gradients must flow through the network, which rules out operators without one. */
    default boolean trains() {
        return true;
    }
}
