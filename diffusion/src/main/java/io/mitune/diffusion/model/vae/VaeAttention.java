package io.mitune.diffusion.model.vae;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.nn.GroupNorm;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.Script;
import io.mitune.diffusion.nn.Weights;

/**
 * One-headed attention over the positions of a picture; diffusers' Attention as the VAE uses it.
 */
final class VaeAttention {
    private static final String BODY =
            """
            %sh = torch.flatten(torch.permute(n, [0, 2, 3, 1]), 1, 2)
            q = torch.unsqueeze(torch.linear(h, wq, bq), 1)
            k = torch.unsqueeze(torch.linear(h, wk, bk), 1)
            v = torch.unsqueeze(torch.linear(h, wv, bv), 1)
            a = torch.scaled_dot_product_attention(q, k, v, None, 0., False, scale=None)
            y = torch.linear(torch.squeeze(a, 1), wo, bo)
            p = torch.reshape(y, [torch.size(x, 0), torch.size(x, 2), torch.size(x, 3), \
            torch.size(x, 1)])
            return torch.add(torch.permute(p, [0, 3, 1, 2]), x)
            """;

    private final GroupNorm groupNorm;
    private final Linear toQ;
    private final Linear toK;
    private final Linear toV;
    private final Linear toOut;
    private final Script script;

    VaeAttention(Weights w, VaeConfig c, int width) {
        groupNorm = new GroupNorm(w.in("group_norm"), width, c.normNumGroups(), VaeConfig.NORM_EPS);
        // the names of diffusers before 0.12, which the files of Stable Diffusion 2 still have
        boolean old = w.holds("query.weight");
        toQ = new Linear(w.in(old ? "query" : "to_q"), width, width, true);
        toK = new Linear(w.in(old ? "key" : "to_k"), width, width, true);
        toV = new Linear(w.in(old ? "value" : "to_v"), width, width, true);
        toOut = new Linear(old ? w.in("proj_attn") : w.in("to_out").in(0), width, width, true);
        script =
                Script.of(
                        "x: Tensor, g: Tensor, b: Tensor, wq: Tensor, bq: Tensor, wk: Tensor,"
                                + " bk: Tensor, wv: Tensor, bv: Tensor, wo: Tensor, bo: Tensor",
                        "Tensor",
                        BODY.formatted(
                                GroupNorm.text(
                                        "n",
                                        "x",
                                        "g",
                                        "b",
                                        c.normNumGroups(),
                                        VaeConfig.NORM_EPS)));
    }

    /**
     * @param x [B, width, H, W]
     * @return the same shape
     */
    NDArray forward(NDArray x) {
        return script.call(
                x,
                groupNorm.weight(),
                groupNorm.bias(),
                toQ.weight(),
                toQ.bias().orElseThrow(),
                toK.weight(),
                toK.bias().orElseThrow(),
                toV.weight(),
                toV.bias().orElseThrow(),
                toOut.weight(),
                toOut.bias().orElseThrow());
    }
}
