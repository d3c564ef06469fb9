package io.mitune.diffusion.nn;

import ai.djl.ndarray.NDArray;

/**
 * Embeds the diffusion time: {@link Sinusoids}, then a two-layer perceptron; diffusers'
 * TimestepEmbedding. Thread-safe.
 */
public final class TimestepEmbedding {
    private final Linear linear1;
    private final Linear linear2;
    private final Dtype dtype;
    private final Sinusoids sinusoids;

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
        sinusoids = new Sinusoids(channels, flipSinToCos, freqShift);
    }

    /**
     * @param t [B] fp32
     * @return [B, features]
     */
    public NDArray forward(NDArray t) {
        try (var features = sinusoids.forward(t);
                var h = dtype.cast(features); // [B, channels]
                var h1 = linear1.forward(h);
                var h2 = Ops.silu(h1)) {
            return linear2.forward(h2);
        }
    }
}
