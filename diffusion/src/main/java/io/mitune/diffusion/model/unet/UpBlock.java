package io.mitune.diffusion.model.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.mitune.diffusion.model.DenoiserBlock;
import io.mitune.diffusion.nn.Conv2d;
import io.mitune.diffusion.nn.Ops;
import io.mitune.diffusion.nn.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A level going up; diffusers' UpBlock2D and CrossAttnUpBlock2D.
 *
 * <p>The picture is enlarged at the start of a level and not, as in the file, at the end of the
 * level before: only here is the size at hand that it must get, that of the first skip connection
 * (with odd sizes it is not twice the old one).
 */
final class UpBlock implements DenoiserBlock {
    private final String path;
    private final Conv2d upsampler; // null on the coarsest level, which comes first
    private final List<ResnetBlock2D> resnets = new ArrayList<>();
    private final List<Transformer2D> attentions = new ArrayList<>(); // empty without attention

    /**
     * @param ups weights of all levels going up, the coarsest first
     * @param level counted from the finest
     */
    UpBlock(Weights ups, UNetConfig c, int level) {
        int last = c.levels() - 1;
        var w = ups.in(last - level);
        path = w.path();
        int width = c.blockOutChannels().get(level);
        int below = c.blockOutChannels().get(Math.min(last, level + 1));
        int above = c.blockOutChannels().get(Math.max(0, level - 1));
        upsampler =
                level == last
                        ? null
                        : new Conv2d(
                                ups.in(last - level - 1).in("upsamplers").in(0).in("conv"),
                                Conv2d.Shape.same(below, below));
        int count = c.layersPerBlock().get(level) + 1;
        for (int i = 0; i < count; i++) {
            int in = i == 0 ? below : width;
            int skip = i == count - 1 ? above : width;
            resnets.add(new ResnetBlock2D(w.in("resnets").in(i), c, in + skip, width));
            if (c.attendsUp(level)) {
                attentions.add(new Transformer2D(w.in("attentions").in(i), c, level));
            }
        }
    }

    @Override
    public int skipsTaken() {
        return resnets.size();
    }

    @Override
    public String path() {
        return path;
    }

    Stream<Attention> attentions() {
        return attentions.stream().flatMap(Transformer2D::attentions);
    }

    @Override
    public NDList forward(NDArray hidden, NDList skips, NDList constants) {
        var temb = constants.get(UNet2DConditionModel.TIME);
        var context = constants.get(UNet2DConditionModel.TEXT);
        var h = upsampler == null ? hidden : enlarged(hidden, skips.get(0));
        for (int i = 0; i < resnets.size(); i++) {
            try (var joined = h.concat(skips.get(i), 1)) { // [B, C + C_skip, H, W]
                close(h, hidden);
                h = resnets.get(i).forward(joined, temb); // [B, width, H, W]
            }
            if (!attentions.isEmpty()) {
                try (var before = h) {
                    h = attentions.get(i).forward(before, context);
                }
            }
        }
        return new NDList(h);
    }

    private NDArray enlarged(NDArray hidden, NDArray like) {
        try (var large = Ops.upsampleTo(hidden, like)) {
            return upsampler.forward(large);
        }
    }

    /** Everything made here goes; the caller's input stays. */
    private static void close(NDArray h, NDArray hidden) {
        if (h != hidden) {
            h.close();
        }
    }
}
