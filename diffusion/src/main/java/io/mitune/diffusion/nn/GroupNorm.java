package io.mitune.diffusion.nn;

import ai.djl.ndarray.NDArray;

/**
 * Normalises groups of channels to mean 0 and variance 1, then scales; torch.nn.GroupNorm.
 *
 * <p>libtorch's kernel for channels-last pictures is very slow on small ones with few channels a
 * group, which is what small models have at every level and large ones at the deeper levels. There
 * the same formula is written out: means and deviations by channel, then by group, then one scale
 * and offset for each channel, in fp32 whatever the dtype. The deviations are squared after the
 * mean is taken off: E[x^2] - E[x]^2 would lose all digits where the mean is large.
 */
public final class GroupNorm {
    private static final String TEXT =
            """
            if torch.gt(torch.mul(torch.size(%2$s, 2), torch.size(%2$s, 3)), 1024):
              %1$s = torch.group_norm(%2$s, %5$d, %3$s, %4$s, %6$s, True)
            else:
              %1$s_p = torch.to(torch.permute(%2$s, [0, 2, 3, 1]), 6, False, False, None)
              %1$s_x = torch.flatten(%1$s_p, 1, 2)
              %1$s_g = [torch.size(%2$s, 0), %5$d, -1]
              %1$s_c = [torch.size(%2$s, 0), 1, -1]
              %1$s_u = torch.mean(%1$s_x, [1], True)
              %1$s_e = torch.sub(%1$s_x, %1$s_u)
              %1$s_q = torch.mean(torch.mul(%1$s_e, %1$s_e), [1])
              %1$s_m = torch.mean(torch.view(%1$s_u, %1$s_g), [2], True)
              %1$s_d = torch.sub(torch.view(%1$s_u, %1$s_g), %1$s_m)
              %1$s_w = torch.mean(torch.view(%1$s_q, %1$s_g), [2], True)
              %1$s_b = torch.mean(torch.mul(%1$s_d, %1$s_d), [2], True)
              %1$s_r = torch.rsqrt(torch.add(torch.add(%1$s_w, %1$s_b), %6$s))
              %1$s_k = torch.mul(%1$s_r, torch.view(%3$s, [1, %5$d, -1]))
              %1$s_o = torch.addcmul(torch.view(%4$s, [1, %5$d, -1]), %1$s_k, %1$s_d)
              %1$s_y = torch.addcmul(torch.view(%1$s_o, %1$s_c), %1$s_e, torch.view(%1$s_k, %1$s_c))
              %1$s_t = torch.view(torch.type_as(%1$s_y, %2$s), torch.size(%1$s_p))
              %1$s = torch.permute(%1$s_t, [0, 3, 1, 2])
            """;

    /** The kernel for the plain layout is fast on small pictures, forward and backward. */
    private static final String DIFFERENTIABLE =
            """
            %1$s_a = torch.mul(torch.size(%2$s, 2), torch.size(%2$s, 3))
            if torch.__and__(torch.lt(torch.size(%2$s, 1), %7$d), torch.le(%1$s_a, 1024)):
              %1$s_p = torch.contiguous(%2$s, memory_format=0)
            else:
              %1$s_p = %2$s
            %1$s = torch.group_norm(%1$s_p, %5$d, %3$s, %4$s, %6$s, True)
            """;

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
                        text("y", "x", "w", "b", groups, eps) + "return y");
    }

    /**
     * The norm as lines of a script.
     *
     * @param y name for the result
     * @param x name of the picture
     * @param w name of the weight
     * @param b name of the bias
     */
    public static String text(String y, String x, String w, String b, int groups, double eps) {
        return TEXT.formatted(y, x, w, b, groups, eps);
    }

    /**
     * The norm as lines of a script through which gradients flow at little cost; the sums of the
     * other form would keep, and pass over, many times the picture.
     */
    public static String differentiable(
            String y, String x, String w, String b, int groups, double eps) {
        return DIFFERENTIABLE.formatted(y, x, w, b, groups, eps, 8 * groups);
    }

    /** One of the two forms. */
    public static String text(
            boolean fused, String y, String x, String w, String b, int groups, double eps) {
        return fused ? text(y, x, w, b, groups, eps) : differentiable(y, x, w, b, groups, eps);
    }

    /**
     * {@code silu} of the result of {@link #text(boolean, String, String, String, String, int,
     * double)} as an expression of a script, in the result's memory where no gradient needs it.
     */
    public static String silu(boolean fused, String y) {
        return (fused ? "torch.silu_(%s)" : "torch.silu(%s)").formatted(y);
    }

    /**
     * @param x [B, channels, H, W]
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
