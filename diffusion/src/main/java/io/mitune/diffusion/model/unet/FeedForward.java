package io.mitune.diffusion.model.unet;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.nn.LayerNorm;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.Script;
import io.mitune.diffusion.nn.Weights;

/**
 * Normalises, passes each position through a gated perceptron, and adds the result to its input;
 * diffusers' FeedForward of type geglu with its norm: x + W2 (u * gelu(g)), (u, g) = W1 norm(x).
 */
final class FeedForward {
    private static final String BODY =
            """
            h = torch.layer_norm(x, [%d], g, b, 1.0000000000000001e-05, True)
            u, gate = torch.chunk(torch.linear(h, w1, b1), 2, -1)
            y = torch.mul(u, torch.gelu(gate, approximate="none"))
            return torch.add(x, torch.linear(y, w2, b2))
            """;

    private final LayerNorm norm;
    private final Linear proj;
    private final Linear out;
    private final Script script;

    FeedForward(Weights norm, Weights w, int width) {
        this.norm = new LayerNorm(norm, width, 1e-5);
        var net = w.in("net");
        proj = new Linear(net.in(0).in("proj"), width, 8L * width, true);
        out = new Linear(net.in(2), 4L * width, width, true);
        script =
                Script.of(
                        "x: Tensor, g: Tensor, b: Tensor, w1: Tensor, b1: Tensor, w2: Tensor,"
                                + " b2: Tensor",
                        "Tensor",
                        BODY.formatted(width));
    }

    /**
     * @param x [B, N, width]
     * @return the same shape
     */
    NDArray forward(NDArray x) {
        return script.call(
                x,
                norm.weight(),
                norm.bias(),
                proj.weight(),
                proj.bias().orElseThrow(),
                out.weight(),
                out.bias().orElseThrow());
    }
}
