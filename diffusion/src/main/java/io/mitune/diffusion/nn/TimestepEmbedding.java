package io.mitune.diffusion.nn;

import ai.djl.ndarray.NDArray;

/**
 * Embeds the diffusion time: sinusoids of falling frequency, then a two-layer perceptron;
 * diffusers' Timesteps and TimestepEmbedding.
 *
 * <p>With half = channels / 2 and f_i = exp(-ln(10000) i / (half - shift)) the features are [sin(t
 * f), cos(t f)], or [cos, sin] where the configuration flips them.
 */
public final class TimestepEmbedding {
    private final Linear linear1;
    private final Linear linear2;
    private final Dtype dtype;
    private final Script sinusoids;

    /**
     * @param channels number of sinusoid features, even
     * @param features width of the result
     * @param flipSinToCos whether the cosines come first
     * @param freqShift the shift in the exponent's denominator
     */
    public TimestepEmbedding(
            Weights w, long channels, long features, boolean flipSinToCos, double freqShift) {
        linear1 = new Linear(w.in("linear_1"), channels, features, true);
        linear2 = new Linear(w.in("linear_2"), features, features, true);
        dtype = w.dtype();
        long half = channels / 2;
        sinusoids =
                Script.of(
                        "t: Tensor",
                        "Tensor",
                        """
                        i = torch.arange(%d, dtype=6, layout=None, device=ops.prim.device(t))
                        f = torch.exp(torch.div(torch.mul(i, %s), %s))
                        a = torch.mul(torch.unsqueeze(t, 1), torch.unsqueeze(f, 0))
                        return torch.cat([%s], 1)
                        """
                                .formatted(
                                        half,
                                        -Math.log(10000),
                                        half - freqShift,
                                        flipSinToCos
                                                ? "torch.cos(a), torch.sin(a)"
                                                : "torch.sin(a), torch.cos(a)"));
    }

    /**
     * @param t [B] fp32
     * @return [B, features]
     */
    public NDArray forward(NDArray t) {
        try (var features = sinusoids.call(t);
                var h = dtype.cast(features); // [B, channels]
                var h1 = linear1.forward(h);
                var h2 = Ops.silu(h1)) {
            return linear2.forward(h2);
        }
    }
}
