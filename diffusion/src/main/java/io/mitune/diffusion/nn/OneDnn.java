package io.mitune.diffusion.nn;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Linear maps and convolutions by oneDNN with prepared weights, as lines of a {@link Script}.
 *
 * <p>libtorch's own CPU path copies the bias into the result, reorders the weight of a convolution
 * at every call, and passes over memory once more for each activation and residual. These operators
 * do all of it while the product is in registers. They have no gradient and exist only in builds
 * with oneDNN, so every network has a plain form, too; {@link Weights#fused} says which one to use.
 *
 * <p>Stateless and thread-safe.
 */
public final class OneDnn {
    private static final Logger log = LoggerFactory.getLogger(OneDnn.class);
    private static final String NO_SCALARS = "annotate(List[Optional[number]], [])";

    private OneDnn() {}

    /** Whether this build of libtorch has the operators. */
    public static boolean available() {
        return Packing.AVAILABLE;
    }

    /** {@code W x + b}; {@code b} may be {@code "None"}. */
    public static String linear(String x, String w, String b) {
        return "ops.mkldnn._linear_pointwise(%s, %s, %s, \"none\", %s, \"none\")"
                .formatted(x, w, b, NO_SCALARS);
    }

    /** {@code gelu(W x + b)}, the exact gelu. */
    public static String linearGelu(String x, String w, String b) {
        return "ops.mkldnn._linear_pointwise(%s, %s, %s, \"gelu\", %s, \"none\")"
                .formatted(x, w, b, NO_SCALARS);
    }

    /** {@code gelu(W x + b)}, gelu approximated by tanh. */
    public static String linearTanhGelu(String x, String w, String b) {
        return "ops.mkldnn._linear_pointwise(%s, %s, %s, \"gelu\", %s, \"tanh\")"
                .formatted(x, w, b, NO_SCALARS);
    }

    /** {@code (W x + b) * other}. */
    public static String linearMul(String x, String other, String w, String b) {
        return "ops.mkldnn._linear_pointwise(%s, %s, %s, %s, \"mul\")".formatted(x, other, w, b);
    }

    /** {@code W x + b + other}. */
    public static String linearAdd(String x, String other, String w, String b) {
        return "ops.mkldnn._linear_pointwise(%s, %s, %s, %s, \"add\")".formatted(x, other, w, b);
    }

    /** A convolution with square stride and padding. */
    public static String conv(String x, String w, String b, int stride, int padding) {
        return ("ops.mkldnn._convolution_pointwise(%s, %s, %s, [%5$d, %5$d], [%4$d, %4$d],"
                        + " [1, 1], 1, \"none\", %6$s, \"none\")")
                .formatted(x, w, b, stride, padding, NO_SCALARS);
    }

    /** The weight of a linear map in oneDNN's own layout; nothing but the operators can read it. */
    public static NDArray packLinear(NDArray weight) {
        return Packing.LINEAR.call(weight);
    }

    /** The weight of a convolution in oneDNN's own layout. */
    public static NDArray packConv(NDArray weight, int stride, int padding) {
        return Script.of(
                        "w: Tensor",
                        "Tensor",
                        "return torch.mkldnn_reorder_conv2d_weight(torch.to_mkldnn(w, None),"
                                + " [%2$d, %2$d], [%1$d, %1$d], [1, 1], 1, None)"
                                        .formatted(stride, padding))
                .call(weight);
    }

    private static final class Packing {
        private static final Script LINEAR = compile();
        private static final boolean AVAILABLE = LINEAR != null;

        private static Script compile() {
            try {
                Script.of(
                        "x: Tensor, w: Tensor", "Tensor", "return " + conv("x", "w", "None", 1, 1));
                return Script.of(
                        "w: Tensor", "Tensor", "return ops.mkldnn._reorder_linear_weight(w, None)");
            } catch (EngineException e) {
                log.info("this libtorch has no oneDNN operators; the plain ones are used");
                return null;
            }
        }
    }
}
