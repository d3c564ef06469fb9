package io.mitune.diffusion.model.sd3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.OneDnn;
import io.mitune.diffusion.nn.Script;
import io.mitune.diffusion.nn.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * One side of a joint block, image or text, without the attention between them: the norm before it
 * and, after it, residual connection, norm and perceptron, all steered by time and pooled text;
 * diffusers' AdaLayerNormZero, SD35AdaLayerNormZeroX and FeedForward of type gelu-approximate.
 *
 * <pre>
 *   (shift, scale, gate)_i = W silu(temb) + b
 *   h  = norm(x) (1 + scale_1) + shift_1,   and h' with the third triple where there is one
 *   x' = x + gate_1 attended [+ gate_3 attended']
 *   y  = x' + gate_2 W2 gelu(W1 (norm(x') (1 + scale_2) + shift_2))
 * </pre>
 *
 * <p>The steering has one row per text, or per sample; the tokens of the samples that share a row
 * are taken as one long sequence.
 */
final class TokenStream {
    private static final String HEAD =
            """
            s1, k1, g1, s2, k2, g2%s = torch.chunk(m, %d, 1)
            xm = torch.reshape(x, [torch.size(m, 0), -1, torch.size(x, 2)])
            """;

    private static final String ENTER_TWICE =
            """
            h3_k = torch.add(torch.unsqueeze(k3, 1), 1)
            h3 = torch.add(torch.mul(h1_n, h3_k), torch.unsqueeze(s3, 1))
            return (torch.reshape(h1, torch.size(x)), torch.reshape(h3, torch.size(x)))
            """;

    private static final String ADD =
            """
            a = torch.addcmul(%1$s, torch.reshape(%2$s, torch.size(xm)), torch.unsqueeze(%3$s, 1))
            """;

    private static final String PERCEPTRON =
            """
            f = %s
            y = torch.addcmul(a, f, torch.unsqueeze(g2, 1))
            return torch.reshape(y, torch.size(x))
            """;

    private final Linear modulation;
    private final List<NDArray> perceptron;
    private final Script enter;
    private final Script leave;

    /**
     * @param w weights of the block
     * @param suffix of the names of this side: empty for the image, {@code _context} for the text
     * @param dual whether there are two attentions
     */
    TokenStream(Weights w, String suffix, Sd3Config c, boolean dual) {
        int width = c.width();
        int parts = dual ? 9 : 6;
        modulation = new Linear(w.in("norm1" + suffix).in("linear"), width, parts * width, true);
        perceptron = perceptron(w.in("ff" + suffix).in("net"), width);
        var head = HEAD.formatted(dual ? ", s3, k3, g3" : "", parts);
        var modulated = ContinuousNorm.MODULATE.formatted("h1", "xm", "k1", "s1", width);
        enter =
                Script.of(
                        "x: Tensor, m: Tensor",
                        dual ? "Tuple[Tensor, Tensor]" : "Tensor",
                        head
                                + modulated
                                + (dual ? ENTER_TWICE : "return torch.reshape(h1, torch.size(x))"));
        leave =
                Script.of(
                        "x: Tensor, m: Tensor, o: Tensor"
                                + (dual ? ", o3: Tensor" : "")
                                + ", w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor",
                        "Tensor",
                        head
                                + ADD.formatted("xm", "o", "g1")
                                + (dual ? ADD.formatted("a", "o3", "g3") : "")
                                + ContinuousNorm.MODULATE.formatted("h2", "a", "k2", "s2", width)
                                + PERCEPTRON.formatted(perceptronText(w.fused())));
    }

    private static List<NDArray> perceptron(Weights w, int width) {
        long inner = 4L * width;
        return List.of(
                w.fused()
                        ? w.relaid(OneDnn::packLinear, "0.proj.weight", inner, width)
                        : w.get("0.proj.weight", inner, width),
                w.get("0.proj.bias", inner),
                w.fused()
                        ? w.relaid(OneDnn::packLinear, "2.weight", width, inner)
                        : w.get("2.weight", width, inner),
                w.get("2.bias", width));
    }

    private static String perceptronText(boolean fused) {
        return fused
                ? OneDnn.linear(OneDnn.linearTanhGelu("h2", "w1", "b1"), "w2", "b2")
                : "torch.linear(torch.gelu(torch.linear(h2, w1, b1), approximate=\"tanh\"),"
                        + " w2, b2)";
    }

    /**
     * @param steering silu(temb), [M, width]
     * @return shifts, scales and gates, [M, 6 width] or [M, 9 width]
     */
    NDArray modulation(NDArray steering) {
        return modulation.forward(steering);
    }

    /**
     * @param x [B, N, width]
     * @return what enters each attention, [B, N, width]
     */
    NDList enter(NDArray x, NDArray modulation) {
        return enter.callAll(x, modulation);
    }

    /**
     * @param x [B, N, width]
     * @param attended result of each attention, [B, N, width]
     * @return [B, N, width]
     */
    NDArray leave(NDArray x, NDArray modulation, NDList attended) {
        var arguments = new ArrayList<NDArray>(List.of(x, modulation));
        arguments.addAll(attended);
        arguments.addAll(perceptron);
        return leave.call(arguments);
    }
}
