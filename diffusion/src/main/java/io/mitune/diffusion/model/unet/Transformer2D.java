package io.mitune.diffusion.model.unet;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.nn.GroupNorm;
import io.mitune.diffusion.nn.OneDnn;
import io.mitune.diffusion.nn.Script;
import io.mitune.diffusion.nn.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Attention over the positions of a picture and over the text, around a residual connection;
 * diffusers' Transformer2DModel.
 *
 * <p>With the channels innermost, the picture is the sequence of its positions without a copy, and
 * a 1 x 1 convolution is a linear map; so both forms of the projections run the same code.
 */
final class Transformer2D {
    private static final double NORM_EPS = 1e-6;
    private static final String SEQUENCE =
            "s = torch.flatten(torch.permute(%s, [0, 2, 3, 1]), 1, 2)\n"; // [B, HW, C]
    private static final String PICTURE =
            """

            p = torch.reshape(y, [torch.size(x, 0), torch.size(x, 2), torch.size(x, 3), -1])
            return torch.permute(p, [0, 3, 1, 2])
            """;

    private final GroupNorm norm;
    private final Projection projIn;
    private final List<TransformerBlock> blocks = new ArrayList<>();
    private final Projection projOut;
    private final Script enter;
    private final Script leave;

    Transformer2D(Weights w, UNetConfig c, int level) {
        int width = c.blockOutChannels().get(level);
        norm = new GroupNorm(w.in("norm"), width, c.normNumGroups(), NORM_EPS);
        projIn = new Projection(w.in("proj_in"), width, c.linearProjection());
        for (int i = 0; i < c.transformerLayers().get(level); i++) {
            blocks.add(new TransformerBlock(w.in("transformer_blocks").in(i), c, level));
        }
        projOut = new Projection(w.in("proj_out"), width, c.linearProjection());
        enter =
                Script.of(
                        "x: Tensor, g: Tensor, b: Tensor, wp: Tensor, bp: Tensor",
                        "Tensor",
                        GroupNorm.text(w.fused(), "n", "x", "g", "b", c.normNumGroups(), NORM_EPS)
                                + SEQUENCE.formatted("n")
                                + (w.fused()
                                        ? "return " + OneDnn.linear("s", "wp", "bp")
                                        : "return torch.linear(s, wp, bp)"));
        leave =
                Script.of(
                        "x: Tensor, h: Tensor, wp: Tensor, bp: Tensor",
                        "Tensor",
                        SEQUENCE.formatted("x")
                                + (w.fused()
                                        ? "y = " + OneDnn.linearAdd("h", "s", "wp", "bp")
                                        : "y = torch.add(torch.linear(h, wp, bp), s)")
                                + PICTURE);
    }

    Stream<Attention> attentions() {
        return blocks.stream().flatMap(b -> Stream.of(b.attn1, b.attn2));
    }

    /**
     * @param x [B, C, H, W]
     * @param context [K, L, D]
     * @return [B, C, H, W]
     */
    NDArray forward(NDArray x, NDArray context) {
        var s = enter.call(x, norm.weight(), norm.bias(), projIn.weight, projIn.bias); // [B, HW, C]
        for (var block : blocks) {
            try (var before = s) {
                s = block.forward(before, context);
            }
        }
        try (var last = s) {
            return leave.call(x, last, projOut.weight, projOut.bias);
        }
    }

    /** A linear map, stored as such or as a 1 x 1 convolution. */
    private static final class Projection {
        private final NDArray weight; // [C, C], or packed
        private final NDArray bias;

        Projection(Weights w, int width, boolean linear) {
            bias = w.get("bias", width);
            UnaryOperator<NDArray> layout =
                    plain -> {
                        try (var matrix = plain.reshape(width, width)) {
                            return w.fused() ? OneDnn.packLinear(matrix) : matrix.duplicate();
                        }
                    };
            weight =
                    linear
                            ? w.relaid(layout, "weight", width, width)
                            : w.relaid(layout, "weight", width, width, 1, 1);
        }
    }

    /** Attention to itself, attention to the text, perceptron; diffusers' BasicTransformerBlock. */
    private static final class TransformerBlock {
        private final Attention attn1;
        private final Attention attn2;
        private final FeedForward ff;

        TransformerBlock(Weights w, UNetConfig c, int level) {
            int width = c.blockOutChannels().get(level);
            int heads = c.attentionHeads().get(level);
            attn1 =
                    new Attention(
                            w.in("norm1"),
                            w.in("attn1"),
                            new Attention.Shape(width, width, heads, true));
            attn2 =
                    new Attention(
                            w.in("norm2"),
                            w.in("attn2"),
                            new Attention.Shape(width, c.crossAttentionDim(), heads, false));
            ff = new FeedForward(w.in("norm3"), w.in("ff"), width);
        }

        NDArray forward(NDArray x, NDArray context) {
            try (var self = attn1.forward(x, context);
                    var cross = attn2.forward(self, context)) {
                return ff.forward(cross);
            }
        }
    }
}
