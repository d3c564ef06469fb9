package io.mitune.diffusion.model.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.mitune.diffusion.model.DenoiserBlock;
import io.mitune.diffusion.nn.Conv2d;
import io.mitune.diffusion.nn.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A level going down; diffusers' DownBlock2D and CrossAttnDownBlock2D. */
final class DownBlock implements DenoiserBlock {
    private final String path;
    private final List<ResnetBlock2D> resnets = new ArrayList<>();
    private final List<Transformer2D> attentions = new ArrayList<>(); // empty without attention
    private final Conv2d downsampler; // null on the last level

    DownBlock(Weights w, UNetConfig c, int level) {
        path = w.path();
        int width = c.blockOutChannels().get(level);
        int in = c.blockOutChannels().get(Math.max(0, level - 1));
        for (int i = 0; i < c.layersPerBlock().get(level); i++) {
            resnets.add(new ResnetBlock2D(w.in("resnets").in(i), c, i == 0 ? in : width, width));
            if (c.attendsDown(level)) {
                attentions.add(new Transformer2D(w.in("attentions").in(i), c, level));
            }
        }
        downsampler =
                level == c.levels() - 1
                        ? null
                        : new Conv2d(
                                w.in("downsamplers").in(0).in("conv"),
                                new Conv2d.Shape(width, width, 3, 2, 1));
    }

    @Override
    public int skipsTaken() {
        return 0;
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
        var left = new NDList();
        var h = hidden;
        for (int i = 0; i < resnets.size(); i++) {
            h = resnets.get(i).forward(h, temb); // [B, width, H, W]
            if (!attentions.isEmpty()) {
                try (var before = h) {
                    h = attentions.get(i).forward(before, context);
                }
            }
            left.add(h);
        }
        if (downsampler != null) {
            h = downsampler.forward(h); // [B, width, ceil(H / 2), ceil(W / 2)]
            left.add(h);
        }
        var result = new NDList(h);
        result.addAll(left);
        return result;
    }
}
