package io.mitune.diffusion.model.vae;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.nn.Conv2d;
import io.mitune.diffusion.nn.GroupNorm;
import io.mitune.diffusion.nn.Script;
import io.mitune.diffusion.nn.Weights;

/** Residual block of the autoencoder; diffusers' ResnetBlock2D without a time. */
final class VaeResnet {
    private final GroupNorm norm1;
    private final Conv2d conv1;
    private final GroupNorm norm2;
    private final Conv2d conv2;
    private final Conv2d convShortcut; // null where in == out
    private final Script script;

    VaeResnet(Weights w, VaeConfig c, int in, int out) {
        norm1 = new GroupNorm(w.in("norm1"), in, c.normNumGroups(), VaeConfig.NORM_EPS);
        conv1 = new Conv2d(w.in("conv1"), Conv2d.Shape.same(in, out));
        norm2 = new GroupNorm(w.in("norm2"), out, c.normNumGroups(), VaeConfig.NORM_EPS);
        conv2 = new Conv2d(w.in("conv2"), Conv2d.Shape.same(out, out));
        convShortcut =
                in == out
                        ? null
                        : new Conv2d(w.in("conv_shortcut"), Conv2d.Shape.pointwise(in, out));
        script =
                Script.of(
                        "x: Tensor, s: Tensor, g1: Tensor, b1: Tensor, w1: Tensor, c1: Tensor,"
                                + " g2: Tensor, b2: Tensor, w2: Tensor, c2: Tensor",
                        "Tensor",
                        body(w.fused(), c, out));
    }

    private static String body(boolean fused, VaeConfig c, int out) {
        int groups = c.normNumGroups();
        var same = Conv2d.Shape.same(out, out);
        return GroupNorm.text("n1", "x", "g1", "b1", groups, VaeConfig.NORM_EPS)
                + "h1 = %s\n"
                        .formatted(
                                Conv2d.text(fused, GroupNorm.silu(fused, "n1"), "w1", "c1", same))
                + GroupNorm.text("n2", "h1", "g2", "b2", groups, VaeConfig.NORM_EPS)
                + "h2 = %s\n"
                        .formatted(
                                Conv2d.text(fused, GroupNorm.silu(fused, "n2"), "w2", "c2", same))
                + "return torch.add(s, h2)";
    }

    /**
     * @param x [B, in, H, W]
     * @return [B, out, H, W]
     */
    NDArray forward(NDArray x) {
        if (convShortcut == null) {
            return residual(x, x);
        }
        try (var shortcut = convShortcut.forward(x)) {
            return residual(x, shortcut);
        }
    }

    private NDArray residual(NDArray x, NDArray shortcut) {
        return script.call(
                x,
                shortcut,
                norm1.weight(),
                norm1.bias(),
                conv1.weight(),
                conv1.bias(),
                norm2.weight(),
                norm2.bias(),
                conv2.weight(),
                conv2.bias());
    }
}
