package io.mitune.diffusion.model.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.mitune.diffusion.nn.Conv2d;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.GroupNorm;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.Script;
import io.mitune.diffusion.nn.TimestepEmbedding;
import io.mitune.diffusion.nn.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The denoiser of Stable Diffusion 2; diffusers' UNet2DConditionModel.
 *
 * <p>Takes and gives fp32 whatever the dtype of its weights. {@link #forward} is {@link #begin},
 * then the {@link #blocks} in order, then {@link #end}; a trainer may run these one by one.
 * Gradients flow through all of it when the calling thread collects them.
 *
 * <p>Thread-safe as long as no weight is exchanged.
 */
public final class UNet2DConditionModel {
    private final UNetConfig config;
    private final Dtype dtype;
    private final Conv2d convIn;
    private final TimestepEmbedding timeEmbedding;
    private final List<UNetBlock> blocks = new ArrayList<>();
    private final List<Linear> projections;
    private final GroupNorm convNormOut;
    private final Conv2d convOut;
    private final Script end;

    public UNet2DConditionModel(Weights w, UNetConfig c) {
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
                                                        "torch.silu(n)",
                                                        "w",
                                                        "c",
                                                        Conv2d.Shape.same(width, c.outChannels())))
                                + "return torch.contiguous(torch.to(y, 6, False, False, None),"
                                + " memory_format=0)");
    }

    public UNetConfig config() {
        return config;
    }

    public Dtype dtype() {
        return dtype;
    }

    /** to_q, to_k, to_v and to_out.0 of every attention, in the order of the network. */
    public List<Linear> projections() {
        return projections;
    }

    /**
     * Predicts the noise (or v, as the scheduler says).
     *
     * @param sample [B, C, H, W] fp32
     * @param timestep fp32, [B], or [1] for one time for all, which costs less
     * @param encoderHiddenStates [K, L, D] fp32 with K a divisor of B: sample i sees text i / (B /
     *     K), so texts that several samples share need not be repeated, which costs less
     * @return [B, C, H, W] fp32
     */
    public NDArray forward(NDArray sample, NDArray timestep, NDArray encoderHiddenStates) {
        requireShapes(sample, timestep, encoderHiddenStates);
        try (var context = cast(encoderHiddenStates);
                var temb = embedTime(timestep)) {
            var skips = new ArrayList<NDArray>();
            var h = begin(sample);
            skips.add(h);
            for (var block : blocks) {
                var taken = new NDList();
                for (int i = 0; i < block.skipsTaken(); i++) {
                    taken.add(skips.remove(skips.size() - 1));
                }
                var result = block.forward(h, taken, temb, context);
                taken.close();
                close(h, skips);
                h = result.get(0);
                skips.addAll(result.subList(1, result.size()));
            }
            try (var last = h) {
                return end(last);
            }
        }
    }

    /** The time embedding, [B, E] or [1, E]. */
    public NDArray embedTime(NDArray timestep) {
        return timeEmbedding.forward(timestep);
    }

    /** The first hidden state, which is also the first skip connection, [B, width, H, W]. */
    public NDArray begin(NDArray sample) {
        try (var x = cast(sample)) {
            return convIn.forward(x);
        }
    }

    /** The text in the network's dtype, as the blocks take it. */
    public NDArray cast(NDArray array) {
        return dtype.cast(array);
    }

    /** The stages between begin and end, in order. */
    public List<UNetBlock> blocks() {
        return List.copyOf(blocks);
    }

    /** The prediction, fp32, from the last hidden state. */
    public NDArray end(NDArray hidden) {
        return end.call(
                hidden, convNormOut.weight(), convNormOut.bias(), convOut.weight(), convOut.bias());
    }

    private static void close(NDArray h, List<NDArray> skips) {
        if (skips.stream().noneMatch(s -> s == h)) {
            h.close();
        }
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
