package io.mitune.diffusion.model.unet;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.Ops;
import io.mitune.diffusion.nn.Script;
import io.mitune.diffusion.nn.Sinusoids;
import io.mitune.diffusion.nn.Weights;

/**
 * Embeds what Stable Diffusion XL is told beside time and tokens: a vector of the whole text, and
 * the sizes of the picture; diffusers' add_embedding of type text_time.
 *
 * <p>The sizes are (h, w, 0, 0, h, w): those of the original, the corner of the crop, those of the
 * target, in pixels. A picture made here is its own original and is not cropped.
 */
final class TextTimeEmbedding {
    /** Added to an embedded time [1, E] or [B, E]; x is the batch, of which each text has a run. */
    private static final Script ADD =
            Script.of(
                    "time: Tensor, added: Tensor, x: Tensor",
                    "Tensor",
                    """
                    k = torch.size(added, 0)
                    if torch.eq(k, 1):
                      e = added
                    else:
                      n = torch.floordiv(torch.size(x, 0), k)
                      e = torch.repeat_interleave(added, n, 0, output_size=None)
                    return torch.add(time, e)
                    """);

    private final Sinusoids sinusoids;
    private final Linear linear1;
    private final Linear linear2;
    private final Dtype dtype;
    private final int pixels;

    /**
     * @param w weights of add_embedding
     * @param pixels side of the square of pixels that a latent stands for
     */
    TextTimeEmbedding(Weights w, UNetConfig c, UNetConfig.TextTime t, int pixels) {
        sinusoids = new Sinusoids(t.timeEmbedDim(), c.flipSinToCos(), c.freqShift());
        linear1 = new Linear(w.in("linear_1"), t.inputDim(), c.timeEmbedDim(), true);
        linear2 = new Linear(w.in("linear_2"), c.timeEmbedDim(), c.timeEmbedDim(), true);
        dtype = w.dtype();
        this.pixels = pixels;
    }

    /**
     * @param time [1, E] or [B, E]
     * @param pooled [K, P] fp32, K a divisor of B
     * @param sample [B, C, H, W]
     * @return [1, E] or [B, E]
     */
    NDArray addTo(NDArray time, NDArray pooled, NDArray sample) {
        float height = sample.getShape().get(2) * pixels;
        float width = sample.getShape().get(3) * pixels;
        var values = new float[] {height, width, 0, 0, height, width};
        try (var sizes = pooled.getManager().create(values);
                var features = sinusoids.forward(sizes); // [6, D]
                var row = features.reshape(1, features.size());
                var rows = row.repeat(0, pooled.getShape().get(0)); // [K, 6 D]
                var joined = pooled.concat(rows, 1); // [K, P + 6 D]
                var h = dtype.cast(joined);
                var h1 = linear1.forward(h); // [K, E]
                var h2 = Ops.silu(h1);
                var added = linear2.forward(h2)) {
            return ADD.call(time, added, sample);
        }
    }
}
