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
    Adapters NONE = (path, layer) -> Optional.empty();

    /**
     * @param path dotted path of the layer below the network's root
     * @param layer the frozen layer, for its shape and weight
     */
    Optional<LinearAdapter> find(String path, Linear layer);
}
