package io.mitune.diffusion.model.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.model.Denoiser;
import io.mitune.diffusion.model.DenoiserBlock;
import io.mitune.diffusion.model.TextEmbedding;
import io.mitune.diffusion.nn.Conv2d;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.GroupNorm;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.Script;
import io.mitune.diffusion.nn.TimestepEmbedding;
import io.mitune.diffusion.nn.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The denoiser of Stable Diffusion 1, 2 and XL; diffusers' UNet2DConditionModel.
 *
 * <p>Thread-safe as long as no weight is exchanged.
 */
public final class UNet2DConditionModel implements Denoiser {
    /** Place of the time embedding, [B, E] or [1, E], among the constants of a pass. */
    static final int TIME = 0;

    /** Place of the text, [K, L, D], likewise. */
    static final int TEXT = 1;

    private final UNetConfig config;
    private final Dtype dtype;
    private final Conv2d convIn;
    private final TimestepEmbedding timeEmbedding;
    private final TextTimeEmbedding addEmbedding; // null before Stable Diffusion XL
    private final List<DenoiserBlock> blocks = new ArrayList<>();
    private final List<Linear> projections;
    private final GroupNorm convNormOut;
    private final Conv2d convOut;
    private final Script end;

    /**
     * @param pixels side of the square of pixels that a latent stands for
     */
    public UNet2DConditionModel(Weights w, UNetConfig c, int pixels) {
        config = c;
        dtype = w.dtype();
        int width = c.blockOutChannels().get(0);
        convIn = new Conv2d(w.in("conv_in"), Conv2d.Shape.same(c.inChannels(), width));
        timeEmbedding =
                new TimestepEmbedding(
                        w.in("time_embedding"),
                        width,
                        c.timeEmbedDim(),
                        c.flipSinToCos(),
                        c.freqShift());
        addEmbedding =
                c.textTime()
                        .map(t -> new TextTimeEmbedding(w.in("add_embedding"), c, t, pixels))
                        .orElse(null);
        var attentions = Stream.<Attention>empty();
        for (int level = 0; level < c.levels(); level++) {
            var block = new DownBlock(w.in("down_blocks").in(level), c, level);
            blocks.add(block);
            attentions = Stream.concat(attentions, block.attentions());
        }
        var mid = new MidBlock(w.in("mid_block"), c);
        blocks.add(mid);
        attentions = Stream.concat(attentions, mid.attentions());
        for (int level = c.levels() - 1; level >= 0; level--) {
            var block = new UpBlock(w.in("up_blocks"), c, level);
            blocks.add(block);
            attentions = Stream.concat(attentions, block.attentions());
        }
        projections = attentions.flatMap(a -> a.projections().stream()).toList();
        convNormOut = new GroupNorm(w.in("conv_norm_out"), width, c.normNumGroups(), c.normEps());
        convOut = new Conv2d(w.in("conv_out"), Conv2d.Shape.same(width, c.outChannels()));
        end =
                Script.of(
                        "x: Tensor, g: Tensor, b: Tensor, w: Tensor, c: Tensor",
                        "Tensor",
                        GroupNorm.text(
                                        w.fused(),
                                        "n",
                                        "x",
                                        "g",
                                        "b",
                                        c.normNumGroups(),
                                        c.normEps())
                                + "y = %s\n"
                                        .formatted(
                                                Conv2d.text(
                                                        w.fused(),
                                                        GroupNorm.silu(w.fused(), "n"),
                                                        "w",
                                                        "c",
                                                        Conv2d.Shape.same(width, c.outChannels())))
                                + "return torch.contiguous(torch.to(y, 6, False, False, None),"
                                + " memory_format=0)");
    }

    public UNetConfig config() {
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

    /** 1: levels that do not halve evenly are enlarged to the size they had. */
    @Override
    public int sizeMultiple() {
        return 1;
    }

    /** to_q, to_k, to_v and to_out.0 of every attention, in the order of the network. */
    @Override
    public List<Linear> projections() {
        return projections;
    }

    @Override
    public Start begin(NDArray sample, NDArray timestep, TextEmbedding text) {
        requireShapes(sample, timestep, text.encoderHiddenStates());
        requirePooled(text);
        var temb = embed(timestep, text, sample); // [B, E] or [1, E]
        var context = dtype.cast(text.encoderHiddenStates());
        try (var x = dtype.cast(sample)) {
            var h = convIn.forward(x); // [B, width, H, W], also the first skip connection
            return new Start(h, new NDList(h), new NDList(temb, context));
        }
    }

    private NDArray embed(NDArray timestep, TextEmbedding text, NDArray sample) {
        var time = timeEmbedding.forward(timestep);
        if (addEmbedding == null) {
            return time;
        }
        try (time) {
            return addEmbedding.addTo(time, text.pooled().orElseThrow(), sample);
        }
    }

    @Override
    public List<DenoiserBlock> blocks() {
        return List.copyOf(blocks);
    }

    @Override
    public NDArray end(NDArray hidden, NDList constants, NDArray sample) {
        return end.call(
                hidden, convNormOut.weight(), convNormOut.bias(), convOut.weight(), convOut.bias());
    }

    private void requirePooled(TextEmbedding text) {
        var expected = config.textTime().map(t -> new Shape(text.texts(), t.pooledDim()));
        var found = text.pooled().map(NDArray::getShape);
        if (!expected.equals(found)) {
            throw new IllegalArgumentException(
                    "unet: expected %s, found %s"
                            .formatted(pooledText(expected), pooledText(found)));
        }
    }

    private static String pooledText(Optional<Shape> shape) {
        return shape.map(s -> "a pooled text of shape " + s).orElse("no pooled text");
    }

    private void requireShapes(NDArray sample, NDArray timestep, NDArray text) {
        var s = sample.getShape();
        var e = text.getShape();
        long times = timestep.getShape().size();
        if (s.dimension() != 4 || s.get(1) != config.inChannels()) {
            throw new IllegalArgumentException(
                    "unet: expected a sample of shape [B, %d, H, W], found %s"
                            .formatted(config.inChannels(), s));
        }
        if (e.dimension() != 3
                || e.get(2) != config.crossAttentionDim()
                || s.get(0) % e.get(0) != 0) {
            throw new IllegalArgumentException(
                    "unet: expected a text of shape [K, L, %d], K a divisor of %d, found %s"
                            .formatted(config.crossAttentionDim(), s.get(0), e));
        }
        if (timestep.getShape().dimension() != 1 || times != 1 && times != s.get(0)) {
            throw new IllegalArgumentException(
                    "unet: expected 1 or %d timesteps, found %s"
                            .formatted(s.get(0), timestep.getShape()));
        }
    }
}
