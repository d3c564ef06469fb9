package io.mitune.diffusion.nn;

import ai.djl.ndarray.NDArray;

/**
 * Numbers as sinusoids of falling frequency; diffusers' Timesteps.
 *
 * <p>With half = channels / 2 and f_i = exp(-ln(10000) i / (half - shift)) the features are [sin(t
 * f), cos(t f)], or [cos, sin] where the configuration flips them. Thread-safe.
 */
public final class Sinusoids {
    private final Script script;

    /**
     * @param channels number of features, even
     * @param flipSinToCos whether the cosines come first
     * @param freqShift the shift in the exponent's denominator
     */
    public Sinusoids(long channels, boolean flipSinToCos, double freqShift) {
        long half = channels / 2;
        script =
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
     * @param t [N] fp32
     * @return [N, channels] fp32
     */
    public NDArray forward(NDArray t) {
        return script.call(t);
    }
}
