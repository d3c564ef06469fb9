package io.mitune.diffusion.nn;

import ai.djl.ndarray.NDArray;

/**
 * A two-dimensional convolution with square kernel, stride and padding; torch.nn.Conv2d.
 *
 * <p>The weight is stored with its channels innermost, so that the convolution and what follows it
 * run in that layout, whatever the layout of the input.
 */
public final class Conv2d {
    private final NDArray weight;
    private final NDArray bias;
    private final Script convolve;

    /**
     * Sizes of a convolution.
     *
     * @param in channels of the input
     * @param out channels of the output
     * @param kernel side of the kernel
     * @param stride step in both directions
     * @param padding zeros put around the input
     */
    public record Shape(long in, long out, int kernel, int stride, int padding) {
        /** 3 x 3, keeps height and width. */
        public static Shape same(long in, long out) {
            return new Shape(in, out, 3, 1, 1);
        }

        /** 1 x 1. */
        public static Shape pointwise(long in, long out) {
            return new Shape(in, out, 1, 1, 0);
        }
    }

    public Conv2d(Weights w, Shape s) {
        bias = w.get("bias", s.out());
        long[] shape = {s.out(), s.in(), s.kernel(), s.kernel()};
        weight =
                w.relaid(
                        w.fused()
                                ? plain -> OneDnn.packConv(plain, s.stride(), s.padding())
                                : Ops::channelsLast,
                        "weight",
                        shape);
        convolve =
                Script.of(
                        "x: Tensor, w: Tensor, b: Tensor",
                        "Tensor",
                        "return " + text(w.fused(), "x", "w", "b", s));
    }

    /**
     * The convolution as an expression of a script.
     *
     * @param fused whether the weight is packed, as {@link Weights#fused} says
     */
    public static String text(boolean fused, String x, String w, String b, Shape s) {
        return fused
                ? OneDnn.conv(
                        "torch.contiguous(%s, memory_format=2)".formatted(x),
                        w,
                        b,
                        s.stride(),
                        s.padding())
                : "torch.conv2d(%s, %s, %s, [%4$d, %4$d], [%5$d, %5$d], [1, 1], 1)"
                        .formatted(x, w, b, s.stride(), s.padding());
    }

    /**
     * @param x [B, in, H, W]
     * @return [B, out, H', W']
     */
    public NDArray forward(NDArray x) {
        return convolve.call(x, weight, bias);
    }

    /** As {@link #text} takes it: packed, or with the channels innermost. */
    public NDArray weight() {
        return weight;
    }

    public NDArray bias() {
        return bias;
    }
}
