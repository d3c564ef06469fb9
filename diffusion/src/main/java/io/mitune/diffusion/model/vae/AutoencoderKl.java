package io.mitune.diffusion.model.vae;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.nn.Conv2d;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.GroupNorm;
import io.mitune.diffusion.nn.Ops;
import io.mitune.diffusion.nn.Script;
import io.mitune.diffusion.nn.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Pictures to latents and back; diffusers' AutoencoderKL.
 *
 * <p>Takes and gives fp32 whatever the dtype of its weights. Latents are as the network knows them:
 * scaling by {@link VaeConfig#scalingFactor} is the caller's. Each step frees the one before it, so
 * memory peaks at two of the largest activations. Thread-safe.
 */
public final class AutoencoderKl {
    private static final Script PAD =
            Script.of(
                    "x: Tensor",
                    "Tensor",
                    "return torch.constant_pad_nd(x, [0, 1, 0, 1], 0)"); // right and below
    private static final Script SPLIT =
            Script.of(
                    "x: Tensor",
                    "Tuple[Tensor, Tensor]",
                    """
                    mean, logvar = torch.chunk(torch.to(x, 6, False, False, None), 2, 1)
                    return (torch.contiguous(mean, memory_format=0), \
                    torch.contiguous(torch.clamp(logvar, -30., 20.), memory_format=0))
                    """);
    private static final Script FP32_PLAIN =
            Script.of(
                    "x: Tensor",
                    "Tensor",
                    "return torch.contiguous(torch.to(x, 6, False, False, None),"
                            + " memory_format=0)");

    private final VaeConfig config;
    private final Dtype dtype;
    private final List<UnaryOperator<NDArray>> encoder;
    private final List<UnaryOperator<NDArray>> decoder;

    /**
     * What the encoder says of a picture: a normal distribution for each latent.
     *
     * @param mean [B, latentChannels, H, W] fp32
     * @param logvar natural logarithm of the variance, the same shape
     */
    public record Posterior(NDArray mean, NDArray logvar) {}

    public AutoencoderKl(Weights w, VaeConfig c) {
        config = c;
        dtype = w.dtype();
        encoder = encoder(w, c);
        decoder = decoder(w, c);
    }

    public VaeConfig config() {
        return config;
    }

    /**
     * @param image [B, 3, H, W] fp32 in [-1, 1], H and W multiples of {@link VaeConfig#scale}
     */
    public Posterior encode(NDArray image) {
        var s = image.getShape();
        int scale = config.scale();
        if (s.dimension() != 4 || s.get(2) % scale != 0 || s.get(3) % scale != 0) {
            throw new IllegalArgumentException(
                    "vae: expected an image of shape [B, %d, H, W], H and W multiples of %d, found %s"
                            .formatted(config.inChannels(), scale, s));
        }
        try (var moments = run(encoder, image)) {
            var parts = SPLIT.callAll(moments);
            return new Posterior(parts.get(0), parts.get(1));
        }
    }

    /**
     * @param latents [B, latentChannels, H, W] fp32, divided by the scaling factor
     * @return image [B, 3, scale H, scale W] fp32, about [-1, 1]
     */
    public NDArray decode(NDArray latents) {
        try (var image = run(decoder, latents)) {
            return FP32_PLAIN.call(image);
        }
    }

    private NDArray run(List<UnaryOperator<NDArray>> steps, NDArray input) {
        var x = dtype.cast(input);
        for (var step : steps) {
            try (var before = x) {
                x = step.apply(before);
            }
        }
        return x;
    }

    private static List<UnaryOperator<NDArray>> encoder(Weights root, VaeConfig c) {
        var steps = new ArrayList<UnaryOperator<NDArray>>();
        var w = root.in("encoder");
        int width = c.blockOutChannels().get(0);
        steps.add(new Conv2d(w.in("conv_in"), Conv2d.Shape.same(c.inChannels(), width))::forward);
        for (int level = 0; level < c.levels(); level++) {
            var block = w.in("down_blocks").in(level);
            int out = c.blockOutChannels().get(level);
            for (int i = 0; i < c.layersPerBlock(); i++) {
                steps.add(new VaeResnet(block.in("resnets").in(i), c, width, out)::forward);
                width = out;
            }
            if (level < c.levels() - 1) {
                var conv =
                        new Conv2d(
                                block.in("downsamplers").in(0).in("conv"),
                                new Conv2d.Shape(out, out, 3, 2, 0));
                steps.add(PAD::call);
                steps.add(conv::forward);
            }
        }
        addMiddle(steps, w.in("mid_block"), c, width);
        addEnd(steps, w, c, width, 2 * c.latentChannels());
        if (c.quantConv()) {
            int both = 2 * c.latentChannels();
            steps.add(
                    new Conv2d(root.in("quant_conv"), Conv2d.Shape.pointwise(both, both))::forward);
        }
        return steps;
    }

    private static List<UnaryOperator<NDArray>> decoder(Weights root, VaeConfig c) {
        var steps = new ArrayList<UnaryOperator<NDArray>>();
        int latent = c.latentChannels();
        if (c.postQuantConv()) {
            steps.add(
                    new Conv2d(root.in("post_quant_conv"), Conv2d.Shape.pointwise(latent, latent))
                            ::forward);
        }
        var w = root.in("decoder");
        int width = c.blockOutChannels().get(c.levels() - 1);
        steps.add(new Conv2d(w.in("conv_in"), Conv2d.Shape.same(latent, width))::forward);
        addMiddle(steps, w.in("mid_block"), c, width);
        for (int level = c.levels() - 1; level >= 0; level--) {
            var block = w.in("up_blocks").in(c.levels() - 1 - level);
            int out = c.blockOutChannels().get(level);
            for (int i = 0; i <= c.layersPerBlock(); i++) {
                steps.add(new VaeResnet(block.in("resnets").in(i), c, width, out)::forward);
                width = out;
            }
            if (level > 0) {
                steps.add(Ops::upsample);
                steps.add(
                        new Conv2d(
                                        block.in("upsamplers").in(0).in("conv"),
                                        Conv2d.Shape.same(out, out))
                                ::forward);
            }
        }
        addEnd(steps, w, c, width, c.outChannels());
        return steps;
    }

    private static void addMiddle(
            List<UnaryOperator<NDArray>> steps, Weights w, VaeConfig c, int width) {
        steps.add(new VaeResnet(w.in("resnets").in(0), c, width, width)::forward);
        if (c.midAttention()) {
            steps.add(new VaeAttention(w.in("attentions").in(0), c, width)::forward);
        }
        steps.add(new VaeResnet(w.in("resnets").in(1), c, width, width)::forward);
    }

    private static void addEnd(
            List<UnaryOperator<NDArray>> steps, Weights w, VaeConfig c, int width, int out) {
        steps.add(
                new GroupNorm(w.in("conv_norm_out"), width, c.normNumGroups(), VaeConfig.NORM_EPS)
                        ::forward);
        steps.add(Ops::silu);
        steps.add(new Conv2d(w.in("conv_out"), Conv2d.Shape.same(width, out))::forward);
    }
}
