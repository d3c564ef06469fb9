package io.mitune.diffusion.model.sd3;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.Script;
import io.mitune.diffusion.nn.Weights;

/**
 * The norm of tokens that no perceptron follows: norm(x) (1 + scale) + shift, (scale, shift) = W
 * silu(temb) + b; diffusers' AdaLayerNormContinuous.
 */
final class ContinuousNorm {
    /** The name, the tokens, scale and shift, the width: norm and steering as lines of a script. */
    static final String MODULATE =
            """
            %1$s_n = torch.layer_norm(%2$s, [%5$d], None, None, 9.9999999999999995e-07, True)
            %1$s_k = torch.add(torch.unsqueeze(%3$s, 1), 1)
            %1$s = torch.add(torch.mul(%1$s_n, %1$s_k), torch.unsqueeze(%4$s, 1))
            """;

    private final Linear modulation;
    private final Script script;

    ContinuousNorm(Weights w, Sd3Config c) {
        modulation = new Linear(w.in("linear"), c.width(), 2L * c.width(), true);
        script =
                Script.of(
                        "x: Tensor, m: Tensor",
                        "Tensor",
                        """
                        scale, shift = torch.chunk(m, 2, 1)
                        xm = torch.reshape(x, [torch.size(m, 0), -1, torch.size(x, 2)])
                        %sreturn torch.reshape(h, torch.size(x))
                        """
                                .formatted(
                                        MODULATE.formatted(
                                                "h", "xm", "scale", "shift", c.width())));
    }

    /**
     * @param x [B, N, width]
     * @param steering silu(temb), [M, width], M a divisor of B
     * @return [B, N, width]
     */
    NDArray forward(NDArray x, NDArray steering) {
        try (var m = modulation.forward(steering)) {
            return script.call(x, m);
        }
    }
}
