package io.mitune.diffusion.model.sd3;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.nn.Conv2d;
import io.mitune.diffusion.nn.Script;
import io.mitune.diffusion.nn.Weights;

/**
 * Squares of latents to tokens, each with the place that it has in the picture; diffusers'
 * PatchEmbed.
 *
 * <p>The places come from a table of the largest picture, of which the middle is used. The table is
 * a buffer of the file.
 */
final class PatchEmbedding {
    private static final String CROP =
            """
            h = torch.floordiv(torch.size(x, 2), %2$d)
            w = torch.floordiv(torch.size(x, 3), %2$d)
            top = torch.floordiv(torch.sub(%1$d, h), 2)
            left = torch.floordiv(torch.sub(%1$d, w), 2)
            t = torch.reshape(table, [%1$d, %1$d, -1])
            rows = torch.narrow(torch.narrow(t, 0, top, h), 1, left, w)
            return torch.add(torch.transpose(torch.flatten(%3$s, 2, -1), 1, 2), \
            torch.unsqueeze(torch.flatten(rows, 0, 1), 0))
            """;

    private final Conv2d proj;
    private final NDArray table; // [1, max * max, width]
    private final Script script;

    PatchEmbedding(Weights w, Sd3Config c) {
        int max = c.posEmbedMaxSize();
        var shape = new Conv2d.Shape(c.inChannels(), c.width(), c.patchSize(), c.patchSize(), 0);
        proj = new Conv2d(w.in("proj"), shape);
        table = w.get("pos_embed", 1, (long) max * max, c.width());
        var tokens = Conv2d.text(w.fused(), "x", "wp", "bp", shape);
        script =
                Script.of(
                        "x: Tensor, table: Tensor, wp: Tensor, bp: Tensor",
                        "Tensor",
                        CROP.formatted(max, c.patchSize(), tokens));
    }

    /**
     * @param x [B, C, H, W] in the network's dtype, H and W multiples of the patch
     * @return [B, H W / patch^2, width]
     */
    NDArray forward(NDArray x) {
        return script.call(x, table, proj.weight(), proj.bias());
    }
}
