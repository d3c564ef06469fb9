package io.mitune.diffusion.model.vae;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.nn.Conv2d;
import io.mitune.diffusion.nn.GroupNorm;
import io.mitune.diffusion.nn.Script;
import io.mitune.diffusion.nn.Weights;

/** Residual block of the autoencoder; diffusers' ResnetBlock2D without a time. */
final class VaeResnet {
    private static final String BODY =
            """
            h = torch.silu(torch.group_norm(x, %1$d, g1, b1, %2$s, True))
            h0 = torch.conv2d(h, w1, c1, [1, 1], [1, 1], [1, 1], 1)
            h1 = torch.silu(torch.group_norm(h0, %1$d, g2, b2, %2$s, True))
            h2 = torch.conv2d(h1, w2, c2, [1, 1], [1, 1], [1, 1], 1)
            return torch.add(s, h2)
            """;

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
                        BODY.formatted(c.normNumGroups(), VaeConfig.NORM_EPS));
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
