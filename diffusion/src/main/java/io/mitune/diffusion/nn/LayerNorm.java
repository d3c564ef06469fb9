package io.mitune.diffusion.nn;

import ai.djl.ndarray.NDArray;

/** Normalises the last dimension to mean 0 and variance 1, then scales; torch.nn.LayerNorm. */
public final class LayerNorm {
    private final NDArray weight;
    private final NDArray bias;
    private final Script normalise;

    public LayerNorm(Weights w, long features, double eps) {
        weight = w.get("weight", features);
        bias = w.get("bias", features);
        normalise =
                Script.of(
                        "x: Tensor, w: Tensor, b: Tensor",
                        "Tensor",
                        "return torch.layer_norm(x, [%d], w, b, %s, True)"
                                .formatted(features, eps));
    }

    /**
     * @param x [..., features]
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
