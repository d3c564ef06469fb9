package io.mitune.diffusion.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.Linear;
import java.util.ArrayList;
import java.util.List;

/**
 * The network that is asked at each sampling step, and trained: a U-Net or a transformer.
 *
 * <p>Takes and gives fp32 whatever the dtype of its weights. {@link #forward} is {@link #begin},
 * then the {@link #blocks} in order, then {@link #end}; a trainer may run these one by one. Layers
 * that an adapter may replace lie inside the blocks. Gradients flow through all of it when the
 * calling thread collects them.
 *
 * <p>Thread-safe as long as no weight is exchanged.
 */
public interface Denoiser {
    /** Of the weights and of what is computed between entry and exit. */
    Dtype dtype();

    /** C of the latents. */
    int latentChannels();

    /** Default height of the latents. */
    int sampleHeight();

    /** Default width of the latents. */
    int sampleWidth();

    /** Height and width of the latents must be multiples of this. */
    int sizeMultiple();

    /** The layers that an adapter may replace, in the order of the network. */
    List<Linear> projections();

    /**
     * What enters the blocks.
     *
     * @param hidden the first hidden state
     * @param skips states left for later stages
     * @param constants what all stages take, such as the embedded time
     */
    record Start(NDArray hidden, NDList skips, NDList constants) {}

    /** Embeds sample, time and text; arguments as for {@link #forward}. */
    Start begin(NDArray sample, NDArray timestep, TextEmbedding text);

    /** The stages between begin and end, in order. */
    List<? extends DenoiserBlock> blocks();

    /**
     * The prediction, fp32, from the last hidden state.
     *
     * @param sample the argument of begin, for its shape
     */
    NDArray end(NDArray hidden, NDList constants, NDArray sample);

    /**
     * Predicts what the scheduler says: noise, or a velocity.
     *
     * @param sample [B, C, H, W] fp32
     * @param timestep fp32, [B], or [1] for one time for all, which costs less
     * @param text of K texts, K a divisor of B: sample i sees text i / (B / K), so texts that
     *     several samples share need not be repeated, which costs less
     * @return [B, C, H, W] fp32
     * @throws IllegalArgumentException in one line, when shapes do not fit
     */
    default NDArray forward(NDArray sample, NDArray timestep, TextEmbedding text) {
        var start = begin(sample, timestep, text);
        try (var constants = start.constants()) {
            var skips = new ArrayList<>(start.skips());
            var h = start.hidden();
            for (var block : blocks()) {
                var taken = new NDList();
                for (int i = 0; i < block.skipsTaken(); i++) {
                    taken.add(skips.remove(skips.size() - 1));
                }
                var result = block.forward(h, taken, constants);
                taken.close();
                var before = h;
                if (skips.stream().noneMatch(s -> s == before)) {
                    h.close();
                }
                h = result.get(0);
                skips.addAll(result.subList(1, result.size()));
            }
            try (var last = h) {
                return end(last, constants, sample);
            }
        }
    }
}
