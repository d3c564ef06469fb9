package io.mitune.diffusion.model.unet;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.nn.Conv2d;
import io.mitune.diffusion.nn.GroupNorm;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.Script;
import io.mitune.diffusion.nn.Weights;

/** Residual block with the diffusion time added in its middle; diffusers' ResnetBlock2D. */
final class ResnetBlock2D {
    private static final String PARAMETERS =
            "x: Tensor, temb: Tensor, g1: Tensor, b1: Tensor, w1: Tensor, c1: Tensor, wt: Tensor,"
                    + " bt: Tensor, g2: Tensor, b2: Tensor, w2: Tensor, c2: Tensor";
    private static final String BODY =
            """
            t = torch.linear(torch.silu(temb), wt, bt)
            h = torch.silu(torch.group_norm(x, %1$d, g1, b1, %2$s, True))
            h0 = torch.conv2d(h, w1, c1, [1, 1], [1, 1], [1, 1], 1)
            h1 = torch.add(h0, torch.unsqueeze(torch.unsqueeze(t, 2), 3))
            h2 = torch.silu(torch.group_norm(h1, %1$d, g2, b2, %2$s, True))
            h3 = torch.conv2d(h2, w2, c2, [1, 1], [1, 1], [1, 1], 1)
            """;
    private static final String SHORTCUT =
            "s = torch.conv2d(x, ws, cs, [1, 1], [0, 0], [1, 1], 1)\n";

    private final GroupNorm norm1;
    private final Conv2d conv1;
    private final Linear timeEmbProj;
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
        timeEmbProj = new Linear(w.in("time_emb_proj"), c.timeEmbedDim(), out, true);
        norm2 = new GroupNorm(w.in("norm2"), out, c.normNumGroups(), c.normEps());
        conv2 = new Conv2d(w.in("conv2"), Conv2d.Shape.same(out, out));
        convShortcut =
                in == out
                        ? null
                        : new Conv2d(w.in("conv_shortcut"), Conv2d.Shape.pointwise(in, out));
        var body = BODY.formatted(c.normNumGroups(), c.normEps());
        script =
                in == out
                        ? Script.of(PARAMETERS, "Tensor", body + "return torch.add(x, h3)")
                        : Script.of(
                                PARAMETERS + ", ws: Tensor, cs: Tensor",
                                "Tensor",
                                body + SHORTCUT + "return torch.add(s, h3)");
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
                        timeEmbProj.weight(),
                        timeEmbProj.bias().orElseThrow(),
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
                        timeEmbProj.weight(),
                        timeEmbProj.bias().orElseThrow(),
                        norm2.weight(),
                        norm2.bias(),
                        conv2.weight(),
                        conv2.bias(),
                        convShortcut.weight(),
                        convShortcut.bias());
    }
}
