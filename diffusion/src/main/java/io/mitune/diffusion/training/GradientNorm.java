package io.mitune.diffusion.training;

import ai.djl.ndarray.NDArray;

/**
 * Clipping by the norm over all adapter gradients together, as torch's {@code clip_grad_norm_}.
 *
 * <p>The norm is one scalar read from the device; it also tells whether the gradient is finite, as
 * one bad value makes it infinite or NaN. Stateless.
 */
final class GradientNorm {
    private GradientNorm() {}

    /** L2 norm of the gradient, which is left as it is. */
    static double of(NDArray gradient) {
        try (var norm = gradient.norm()) {
            return norm.getFloat();
        }
    }

    /** Scales the gradient in place by min(1, max / (norm + 1e-6)). */
    static void clip(NDArray gradient, double norm, double max) {
        var factor = max / (norm + 1e-6);
        if (factor < 1) {
            gradient.muli(factor);
        }
    }
}
