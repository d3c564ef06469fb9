package io.mitune.diffusion.model.vae;

import io.mitune.diffusion.model.JsonConfig;
import java.nio.file.Path;
import java.util.List;

/**
 * vae/config.json.
 *
 * @param inChannels channels of the picture going in
 * @param outChannels channels of the picture coming out
 * @param latentChannels channels of the latents
 * @param blockOutChannels width of each level, the finest first
 * @param layersPerBlock residual blocks of each level of the encoder (the decoder has one more)
 * @param normNumGroups groups of every group norm
 * @param midAttention whether the bottom attends
 * @param quantConv whether a 1 x 1 convolution follows the encoder
 * @param postQuantConv whether a 1 x 1 convolution precedes the decoder
 * @param scalingFactor what the denoiser's latents are multiplied by
 * @param shiftFactor what is subtracted before that
 */
public record VaeConfig(
        int inChannels,
        int outChannels,
        int latentChannels,
        List<Integer> blockOutChannels,
        int layersPerBlock,
        int normNumGroups,
        boolean midAttention,
        boolean quantConv,
        boolean postQuantConv,
        double scalingFactor,
        double shiftFactor) {

    static final double NORM_EPS = 1e-6;

    public int levels() {
        return blockOutChannels.size();
    }

    /** How many pixels of the picture, in each direction, become one latent. */
    public int scale() {
        return 1 << levels() - 1;
    }

    public static VaeConfig read(Path file) {
        var c = JsonConfig.read(file);
        c.only("_class_name", "AutoencoderKL");
        c.only("act_fn", "silu");
        // force_upcast: the whole network runs in the dtype that it is loaded in
        c.ignore("force_upcast", "sample_size");
        var config =
                new VaeConfig(
                        c.integer("in_channels", 3),
                        c.integer("out_channels", 3),
                        c.integer("latent_channels", 4),
                        c.integers("block_out_channels"),
                        c.integer("layers_per_block", 1),
                        c.integer("norm_num_groups", 32),
                        c.flag("mid_block_add_attention", true),
                        c.flag("use_quant_conv", true),
                        c.flag("use_post_quant_conv", true),
                        c.number("scaling_factor", 0.18215),
                        c.number("shift_factor", 0));
        requireTypes(c, "down_block_types", "DownEncoderBlock2D", config.levels());
        requireTypes(c, "up_block_types", "UpDecoderBlock2D", config.levels());
        if (config.normNumGroups < 1
                || config.blockOutChannels.stream().anyMatch(w -> w % config.normNumGroups != 0)) {
            throw c.unsupported("norm_num_groups");
        }
        c.requireAllKnown();
        return config;
    }

    private static void requireTypes(JsonConfig c, String key, String type, int levels) {
        var types = c.texts(key);
        if (types.size() != levels || !types.stream().allMatch(type::equals)) {
            throw c.unsupported(key);
        }
    }
}
