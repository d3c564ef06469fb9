package io.mitune.diffusion.model.sd3;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.Ops;
import io.mitune.diffusion.nn.Script;
import io.mitune.diffusion.nn.TimestepEmbedding;
import io.mitune.diffusion.nn.Weights;

/** What steers all blocks: the time and the pooled text; CombinedTimestepTextProjEmbeddings. */
final class TimeTextEmbedding {
    private static final int SINUSOIDS = 256;

    /** One row for each pair of a time and a text that occurs: texts, or samples. */
    private static final Script SUM =
            Script.of(
                    "text: Tensor, time: Tensor",
                    "Tensor",
                    """
                    n = torch.size(time, 0)
                    k = torch.size(text, 0)
                    if torch.gt(n, k):
                      t = torch.repeat_interleave(text, torch.floordiv(n, k), 0)
                    else:
                      t = text
                    return torch.silu(torch.add(t, time))
                    """);

    private final TimestepEmbedding timestepEmbedder;
    private final Linear linear1;
    private final Linear linear2;

    TimeTextEmbedding(Weights w, Sd3Config c) {
        int width = c.width();
        timestepEmbedder =
                new TimestepEmbedding(w.in("timestep_embedder"), SINUSOIDS, width, true, 0);
        var text = w.in("text_embedder");
        linear1 = new Linear(text.in("linear_1"), c.pooledProjectionDim(), width, true);
        linear2 = new Linear(text.in("linear_2"), width, width, true);
    }

    /**
     * @param timestep [1] or [B] fp32
     * @param pooled [K, P] in the network's dtype, K a divisor of B
     * @return silu of the embedding, as every modulation takes it, [K, width] or [B, width]
     */
    NDArray forward(NDArray timestep, NDArray pooled) {
        try (var time = timestepEmbedder.forward(timestep);
                var h1 = linear1.forward(pooled);
                var h2 = Ops.silu(h1);
                var text = linear2.forward(h2)) {
            return SUM.call(text, time);
        }
    }
}
