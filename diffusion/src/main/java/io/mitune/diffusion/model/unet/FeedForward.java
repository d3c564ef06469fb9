package io.mitune.diffusion.model.unet;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.nn.OneDnn;
import io.mitune.diffusion.nn.Script;
import io.mitune.diffusion.nn.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Normalises, passes each position through a gated perceptron, and adds the result to its input;
 * diffusers' FeedForward of type geglu with its norm: x + W2 (u * gelu(g)), (u, g) = W1 norm(x).
 */
final class FeedForward {
    private static final String NORM =
            "h = torch.layer_norm(x, [%d], g, b, 1.0000000000000001e-05, True)\n";
    private static final String PLAIN =
            """
            gate = torch.gelu(torch.linear(h, wg, bg), approximate="none")
            y = torch.mul(torch.linear(h, wu, bu), gate)
            return torch.add(x, torch.linear(y, w2, b2))
            """;
    private static final String FUSED =
            """
            gate = %s
            y = %s
            return %s
            """
                    .formatted(
                            OneDnn.linearGelu("h", "wg", "bg"),
                            OneDnn.linearMul("h", "gate", "wu", "bu"),
                            OneDnn.linearAdd("y", "x", "w2", "b2"));
    private static final String HALF =
            "return torch.clone(torch.slice(w, 0, %s, %s, 1), memory_format=0)";

    private final Script script;
    private final List<NDArray> weights;

    FeedForward(Weights norm, Weights w, int width) {
        var g = norm.get("weight", width);
        var b = norm.get("bias", width);
        var b1 = w.get("net.0.proj.bias", inner(2, width));
        var b2 = w.get("net.2.bias", width);
        script =
                Script.of(
                        "x: Tensor, g: Tensor, b: Tensor, wu: Tensor, bu: Tensor, wg: Tensor,"
                                + " bg: Tensor, w2: Tensor, b2: Tensor",
                        "Tensor",
                        NORM.formatted(width) + (w.fused() ? FUSED : PLAIN));
        UnaryOperator<NDArray> layout = w.fused() ? OneDnn::packLinear : NDArray::duplicate;
        weights =
                List.of(
                        g,
                        b,
                        half(w, layout, width, 0),
                        rows(b1, 0, inner(1, width)),
                        half(w, layout, width, 1),
                        rows(b1, inner(1, width), inner(2, width)),
                        w.fused()
                                ? w.relaid(layout, "net.2.weight", width, inner(1, width))
                                : w.get("net.2.weight", width, inner(1, width)),
                        b2);
    }

    /** Width inside the perceptron; both of its inputs together have twice that. */
    private static long inner(int times, int width) {
        return 4L * times * width;
    }

    /** The rows of W1 that make u (0) or g (1). */
    private static NDArray half(Weights w, UnaryOperator<NDArray> layout, int width, int index) {
        return w.relaid(
                both -> {
                    try (var rows = rows(both, inner(index, width), inner(index + 1, width))) {
                        return layout.apply(rows);
                    }
                },
                "net.0.proj.weight",
                inner(2, width),
                width);
    }

    /**
     * @param x [B, N, width]
     * @return the same shape
     */
    NDArray forward(NDArray x) {
        var arguments = new ArrayList<NDArray>(1 + weights.size());
        arguments.add(x);
        arguments.addAll(weights);
        return script.call(arguments);
    }

    private static NDArray rows(NDArray w, long from, long to) {
        return Script.of("w: Tensor", "Tensor", HALF.formatted(from, to)).call(w);
    }
}
