package io.mitune.diffusion.sampling;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.model.TextEmbedding;

/**
 * The model as the sampler sees it: fp32 in and out, whatever it computes in. Results belong to the
 * manager of {@code sample}.
 */
@FunctionalInterface
public interface Predictor {
    /**
     * @param sample [B, C, H, W]
     * @param timestep [1], for all samples
     * @param text of K texts, K a divisor of B: sample i sees text i / (B / K)
     * @return the prediction, [B, C, H, W], in memory of its own
     */
    NDArray predict(NDArray sample, NDArray timestep, TextEmbedding text);
}
