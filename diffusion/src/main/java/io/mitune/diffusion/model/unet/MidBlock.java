package io.mitune.diffusion.model.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.mitune.diffusion.model.DenoiserBlock;
import io.mitune.diffusion.nn.Weights;
import java.util.stream.Stream;

/** The bottom of the U; diffusers' UNetMidBlock2DCrossAttn. */
final class MidBlock implements DenoiserBlock {
    private final String path;
    private final ResnetBlock2D resnet0;
    private final Transformer2D attention;
    private final ResnetBlock2D resnet1;

    MidBlock(Weights w, UNetConfig c) {
        path = w.path();
        int level = c.levels() - 1;
        int width = c.blockOutChannels().get(level);
        resnet0 = new ResnetBlock2D(w.in("resnets").in(0), c, width, width);
        attention = new Transformer2D(w.in("attentions").in(0), c, level);
        resnet1 = new ResnetBlock2D(w.in("resnets").in(1), c, width, width);
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
        return attention.attentions();
    }

    @Override
    public NDList forward(NDArray hidden, NDList skips, NDList constants) {
        var temb = constants.get(UNet2DConditionModel.TIME);
        var context = constants.get(UNet2DConditionModel.TEXT);
        try (var before = resnet0.forward(hidden, temb);
                var attended = attention.forward(before, context)) {
            return new NDList(resnet1.forward(attended, temb));
        }
    }
}
