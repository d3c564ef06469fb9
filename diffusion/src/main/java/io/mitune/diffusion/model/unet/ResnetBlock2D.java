package io.mitune.diffusion.model.unet;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.nn.Conv2d;
import io.mitune.diffusion.nn.GroupNorm;
import io.mitune.diffusion.nn.Script;
import io.mitune.diffusion.nn.Weights;

/** Residual block with the diffusion time added in its middle; diffusers' ResnetBlock2D. */
final class ResnetBlock2D {
    private static final String PARAMETERS =
            "x: Tensor, temb: Tensor, g1: Tensor, b1: Tensor, w1: Tensor, c1: Tensor, wt: Tensor,"
                    + " bt: Tensor, g2: Tensor, b2: Tensor, w2: Tensor, c2: Tensor";

    /** One time for all samples is a change of the first convolution's bias. */
    private static final String BODY =
            """
            t = torch.linear(torch.silu(temb), wt, bt)
            %1$s
            if torch.eq(torch.size(t, 0), 1):
              b = torch.add(c1, torch.squeeze(t, 0))
              h1 = %2$s
            else:
              h1 = torch.add(%3$s, torch.unsqueeze(torch.unsqueeze(t, 2), 3))
            %4$s
            h2 = %5$s
            """;

    private final GroupNorm norm1;
    private final Conv2d conv1;
    private final NDArray timeWeight;
    private final NDArray timeBias;
    private final GroupNorm norm2;
    private final Conv2d conv2;
    private final Conv2d convShortcut; // null where in == out
    private final Script script;

    /**
     * @param in channels of x
     * @param out channels of the result
     */
    ResnetBlock2D(Weights w, UNetConfig c, int in, int out) {
        norm1 = new GroupNorm(w.in("norm1"), in, c.normNumGroups(), c.normEps());
        conv1 = new Conv2d(w.in("conv1"), Conv2d.Shape.same(in, out));
        timeWeight = w.get("time_emb_proj.weight", out, c.timeEmbedDim());
        timeBias = w.get("time_emb_proj.bias", out);
        norm2 = new GroupNorm(w.in("norm2"), out, c.normNumGroups(), c.normEps());
        conv2 = new Conv2d(w.in("conv2"), Conv2d.Shape.same(out, out));
        convShortcut =
                in == out
                        ? null
                        : new Conv2d(w.in("conv_shortcut"), Conv2d.Shape.pointwise(in, out));
        script = script(w.fused(), c, in, out);
    }

    private static Script script(boolean fused, UNetConfig c, int in, int out) {
        var same = Conv2d.Shape.same(in, out);
        var body =
                BODY.formatted(
                        GroupNorm.text(
                                fused, "n1", "x", "g1", "b1", c.normNumGroups(), c.normEps()),
                        Conv2d.text(fused, GroupNorm.silu(fused, "n1"), "w1", "b", same),
                        Conv2d.text(fused, GroupNorm.silu(fused, "n1"), "w1", "c1", same),
                        GroupNorm.text(
                                fused, "n2", "h1", "g2", "b2", c.normNumGroups(), c.normEps()),
                        Conv2d.text(fused, GroupNorm.silu(fused, "n2"), "w2", "c2", same));
        var shortcut = Conv2d.text(fused, "x", "ws", "cs", Conv2d.Shape.pointwise(in, out));
        return in == out
                ? Script.of(PARAMETERS, "Tensor", body + "return %s".formatted(sum(fused, "x")))
                : Script.of(
                        PARAMETERS + ", ws: Tensor, cs: Tensor",
                        "Tensor",
                        body + "return %s".formatted(sum(fused, shortcut)));
    }

    /** The residual sum, in the memory of h2 where no gradient needs it. */
    private static String sum(boolean fused, String x) {
        return (fused ? "torch.add_(h2, %s, alpha=1)" : "torch.add(%s, h2)").formatted(x);
    }

    /**
     * @param x [B, in, H, W]
     * @param temb [B, E], or [1, E] for one time for all
     * @return [B, out, H, W]
     */
    NDArray forward(NDArray x, NDArray temb) {
        return convShortcut == null
                ? script.call(
                        x,
                        temb,
                        norm1.weight(),
                        norm1.bias(),
                        conv1.weight(),
                        conv1.bias(),
                        timeWeight,
                        timeBias,
                        norm2.weight(),
                        norm2.bias(),
                        conv2.weight(),
                        conv2.bias())
                : script.call(
                        x,
                        temb,
                        norm1.weight(),
                        norm1.bias(),
                        conv1.weight(),
                        conv1.bias(),
                        timeWeight,
                        timeBias,
                        norm2.weight(),
                        norm2.bias(),
                        conv2.weight(),
                        conv2.bias(),
                        convShortcut.weight(),
                        convShortcut.bias());
    }
}
