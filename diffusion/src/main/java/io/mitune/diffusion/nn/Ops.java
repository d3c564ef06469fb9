package io.mitune.diffusion.nn;

import ai.djl.ndarray.NDArray;

/** Functions without weights that DJL does not bind. Stateless. */
public final class Ops {
    private static final Script SILU = unary("torch.silu(x)");
    private static final Script GELU = unary("torch.gelu(x, approximate=\"none\")");
    private static final Script QUICK_GELU =
            unary("torch.mul(x, torch.sigmoid(torch.mul(x, 1.702)))");
    private static final Script CHANNELS_LAST = unary("torch.clone(x, memory_format=2)");
    private static final Script ATTENTION =
            Script.of(
                    "q: Tensor, k: Tensor, v: Tensor",
                    "Tensor",
                    "return torch.scaled_dot_product_attention(q, k, v, None, 0., False,"
                            + " scale=None)");
    private static final Script CAUSAL_ATTENTION =
            Script.of(
                    "q: Tensor, k: Tensor, v: Tensor",
                    "Tensor",
                    "return torch.scaled_dot_product_attention(q, k, v, None, 0., True,"
                            + " scale=None)");
    private static final Script UPSAMPLE =
            Script.of(
                    "x: Tensor, like: Tensor",
                    "Tensor",
                    "return torch.upsample_nearest2d(x, [torch.size(like, 2),"
                            + " torch.size(like, 3)], None)");
    private static final Script UPSAMPLE_TWICE =
            unary("torch.upsample_nearest2d(x, None, [2., 2.])");

    private Ops() {}

    /** x * sigmoid(x). */
    public static NDArray silu(NDArray x) {
        return SILU.call(x);
    }

    /** x * Phi(x), exactly (by erf). */
    public static NDArray gelu(NDArray x) {
        return GELU.call(x);
    }

    /** x * sigmoid(1.702 x), CLIP's approximation. */
    public static NDArray quickGelu(NDArray x) {
        return QUICK_GELU.call(x);
    }

    /**
     * softmax(q k^T / sqrt(d)) v.
     *
     * @param q [B, heads, N, d]
     * @param k [B, heads, M, d]
     * @param v [B, heads, M, d]
     * @return [B, heads, N, d]
     */
    public static NDArray attention(NDArray q, NDArray k, NDArray v) {
        return ATTENTION.call(q, k, v);
    }

    /** As {@link #attention}, but position i sees only positions up to i. */
    public static NDArray causalAttention(NDArray q, NDArray k, NDArray v) {
        return CAUSAL_ATTENTION.call(q, k, v);
    }

    /** Doubles height and width by repetition. */
    public static NDArray upsample(NDArray x) {
        return UPSAMPLE_TWICE.call(x);
    }

    /** Grows height and width to those of {@code like} by repetition. */
    public static NDArray upsampleTo(NDArray x, NDArray like) {
        return UPSAMPLE.call(x, like);
    }

    /** A copy, stored with the channels innermost, as fast convolutions want them. */
    public static NDArray channelsLast(NDArray x) {
        return CHANNELS_LAST.call(x);
    }

    private static Script unary(String expression) {
        return Script.of("x: Tensor", "Tensor", "return " + expression);
    }
}
