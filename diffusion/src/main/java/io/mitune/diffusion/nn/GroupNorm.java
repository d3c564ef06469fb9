package io.mitune.diffusion.nn;

import ai.djl.ndarray.NDArray;

/** Normalises groups of channels to mean 0 and variance 1, then scales; torch.nn.GroupNorm. */
public final class GroupNorm {
    private final NDArray weight;
    private final NDArray bias;
    private final Script normalise;

    /**
     * @param channels number of channels, a multiple of {@code groups}
     * @param eps added to the variance
     */
    public GroupNorm(Weights w, long channels, int groups, double eps) {
        weight = w.get("weight", channels);
        bias = w.get("bias", channels);
        normalise =
                Script.of(
                        "x: Tensor, w: Tensor, b: Tensor",
                        "Tensor",
                        "return torch.group_norm(x, %d, w, b, %s, True)".formatted(groups, eps));
    }

    /**
     * @param x [B, channels, ...]
     * @return the same shape
     */
    public NDArray forward(NDArray x) {
        return normalise.call(x, weight, bias);
    }

    public NDArray weight() {
        return weight;
    }

    public NDArray bias() {
        return bias;
    }
}
