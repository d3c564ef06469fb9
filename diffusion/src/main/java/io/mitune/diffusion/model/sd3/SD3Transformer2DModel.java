package io.mitune.diffusion.model.sd3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.mitune.diffusion.model.Denoiser;
import io.mitune.diffusion.model.TextEmbedding;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.Script;
import io.mitune.diffusion.nn.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * The denoiser of Stable Diffusion 3 and 3.5, a transformer over patches of latents and tokens of
 * text (MMDiT, arXiv 2403.03206); diffusers' SD3Transformer2DModel. Predicts the velocity.
 *
 * <p>Samples that share a text share its embedding and the steering of all blocks, but not its
 * tokens, which change with each sample. Thread-safe as long as no weight is exchanged.
 */
public final class SD3Transformer2DModel implements Denoiser {
    private static final Script REPEAT =
            Script.of(
                    "x: Tensor, like: Tensor",
                    "Tensor",
                    "return torch.repeat_interleave(x, torch.floordiv(torch.size(like, 0),"
                            + " torch.size(x, 0)), 0)");

    private final Sd3Config config;
    private final Dtype dtype;
    private final PatchEmbedding posEmbed;
    private final TimeTextEmbedding timeTextEmbed;
    private final Linear contextEmbedder;
    private final List<JointBlock> blocks = new ArrayList<>();
    private final List<Linear> projections;
    private final ContinuousNorm normOut;
    private final Linear projOut;
    private final Script unpatchify;

    public SD3Transformer2DModel(Weights w, Sd3Config c) {
        config = c;
        dtype = w.dtype();
        posEmbed = new PatchEmbedding(w.in("pos_embed"), c);
        timeTextEmbed = new TimeTextEmbedding(w.in("time_text_embed"), c);
        contextEmbedder =
                new Linear(w.in("context_embedder"), c.jointAttentionDim(), c.width(), true);
        for (int layer = 0; layer < c.numLayers(); layer++) {
            blocks.add(new JointBlock(w.in("transformer_blocks").in(layer), c, layer));
        }
        projections = blocks.stream().flatMap(JointBlock::projections).toList();
        normOut = new ContinuousNorm(w.in("norm_out"), c);
        int patch = c.patchSize();
        projOut = new Linear(w.in("proj_out"), c.width(), patch * patch * c.outChannels(), true);
        unpatchify =
                Script.of(
                        "x: Tensor, like: Tensor",
                        "Tensor",
                        """
                        h = torch.floordiv(torch.size(like, 2), %1$d)
                        s = torch.reshape(x, [torch.size(x, 0), h, -1, %1$d, %1$d, %2$d])
                        p = torch.permute(torch.to(s, 6, False, False, None), [0, 5, 1, 3, 2, 4])
                        return torch.reshape(p, torch.size(like))
                        """
                                .formatted(patch, c.outChannels()));
    }

    public Sd3Config config() {
        return config;
    }

    @Override
    public Dtype dtype() {
        return dtype;
    }

    @Override
    public int latentChannels() {
        return config.inChannels();
    }

    @Override
    public int sampleHeight() {
        return config.sampleHeight();
    }

    @Override
    public int sampleWidth() {
        return config.sampleWidth();
    }

    @Override
    public int sizeMultiple() {
        return config.patchSize();
    }

    /** The maps into and out of every attention, block by block. */
    @Override
    public List<Linear> projections() {
        return projections;
    }

    @Override
    public List<JointBlock> blocks() {
        return List.copyOf(blocks);
    }

    /** Tokens of the image; those of the text are the one state that a block takes and leaves. */
    @Override
    public Start begin(NDArray sample, NDArray timestep, TextEmbedding text) {
        requireShapes(sample, timestep, text);
        var pooled = text.pooled().orElseThrow();
        try (var x = dtype.cast(sample);
                var c = dtype.cast(text.encoderHiddenStates());
                var p = dtype.cast(pooled);
                var context = contextEmbedder.forward(c)) { // [K, L, width]
            return new Start(
                    posEmbed.forward(x), // [B, N, width]
                    new NDList(REPEAT.call(context, sample)), // [B, L, width]
                    new NDList(timeTextEmbed.forward(timestep, p)));
        }
    }

    @Override
    public NDArray end(NDArray hidden, NDList constants, NDArray sample) {
        try (var h = normOut.forward(hidden, constants.get(0));
                var tokens = projOut.forward(h)) { // [B, N, patch^2 C]
            return unpatchify.call(tokens, sample);
        }
    }

    private void requireShapes(NDArray sample, NDArray timestep, TextEmbedding text) {
        var s = sample.getShape();
        if (s.dimension() != 4 || s.get(1) != config.inChannels()) {
            throw new IllegalArgumentException(
                    "transformer: expected a sample of shape [B, %d, H, W], found %s"
                            .formatted(config.inChannels(), s));
        }
        requireSide(s.get(2));
        requireSide(s.get(3));
        var e = text.encoderHiddenStates().getShape();
        if (e.dimension() != 3
                || e.get(2) != config.jointAttentionDim()
                || s.get(0) % e.get(0) != 0) {
            throw new IllegalArgumentException(
                    "transformer: expected a text of shape [K, L, %d], K a divisor of %d, found %s"
                            .formatted(config.jointAttentionDim(), s.get(0), e));
        }
        var pooled = text.pooled().map(p -> p.getShape().toString()).orElse("none");
        var expected = "(%d, %d)".formatted(e.get(0), config.pooledProjectionDim());
        if (!pooled.equals(expected)) {
            throw new IllegalArgumentException(
                    "transformer: expected pooled texts of shape %s, found %s"
                            .formatted(expected, pooled));
        }
        var t = timestep.getShape();
        if (t.dimension() != 1 || t.get(0) != 1 && t.get(0) != s.get(0)) {
            throw new IllegalArgumentException(
                    "transformer: expected 1 or %d timesteps, found %s".formatted(s.get(0), t));
        }
    }

    private void requireSide(long side) {
        long patch = config.patchSize();
        long most = patch * config.posEmbedMaxSize();
        if (side < patch || side > most || side % patch != 0) {
            throw new IllegalArgumentException(
                    "transformer: expected latents of a height and width that are multiples of %d"
                                    .formatted(patch)
                            + " up to %d, found %d".formatted(most, side));
        }
    }
}
