package io.mitune.diffusion.model.unet;

import io.mitune.diffusion.model.JsonConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * unet/config.json; one entry per level, the finest first, where the type is a list.
 *
 * @param sampleHeight default height of the latents
 * @param sampleWidth default width of the latents
 * @param inChannels channels of the noisy latents
 * @param outChannels channels of the prediction
 * @param blockOutChannels width of each level
 * @param layersPerBlock residual blocks of each level (going up there is one more)
 * @param downBlockTypes whether each level attends, in diffusers' class names
 * @param upBlockTypes the same going up, the coarsest level first
 * @param attentionHeads heads of each level
 * @param transformerLayers transformer blocks per attention of each level
 * @param crossAttentionDim width of the text's vectors
 * @param linearProjection whether attention is entered by a linear map or a 1 x 1 convolution
 * @param normNumGroups groups of every group norm
 * @param normEps added to the variance in residual blocks
 * @param flipSinToCos whether the time's cosines come first
 * @param freqShift shift of the time's frequencies
 * @param textTime what else is embedded with the time; absent before Stable Diffusion XL
 */
public record UNetConfig(
        int sampleHeight,
        int sampleWidth,
        int inChannels,
        int outChannels,
        List<Integer> blockOutChannels,
        List<Integer> layersPerBlock,
        List<String> downBlockTypes,
        List<String> upBlockTypes,
        List<Integer> attentionHeads,
        List<Integer> transformerLayers,
        int crossAttentionDim,
        boolean linearProjection,
        int normNumGroups,
        double normEps,
        boolean flipSinToCos,
        double freqShift,
        Optional<TextTime> textTime) {

    static final String CROSS_DOWN = "CrossAttnDownBlock2D";
    static final String CROSS_UP = "CrossAttnUpBlock2D";

    /**
     * Conditions of addition_embed_type text_time.
     *
     * @param timeEmbedDim features of each of the six sizes
     * @param inputDim of all: those of the sizes and of the text's vector
     */
    public record TextTime(int timeEmbedDim, int inputDim) {
        private static final int SIZES = 6;

        /** Width of the text's vector. */
        public int pooledDim() {
            return inputDim - SIZES * timeEmbedDim;
        }
    }

    public int levels() {
        return blockOutChannels.size();
    }

    /** Width of the time embedding. */
    public int timeEmbedDim() {
        return 4 * blockOutChannels.get(0);
    }

    boolean attendsDown(int level) {
        return downBlockTypes.get(level).equals(CROSS_DOWN);
    }

    boolean attendsUp(int level) {
        return upBlockTypes.get(levels() - 1 - level).equals(CROSS_UP);
    }

    /**
     * Reads and checks the file.
     *
     * @throws io.mitune.diffusion.safetensors.ModelFileException naming the key that is not
     *     supported
     */
    public static UNetConfig read(Path file) {
        var c = JsonConfig.read(file);
        refuseOtherVariants(c);
        var widths = c.integers("block_out_channels");
        int levels = widths.size();
        // "attention_head_dim" is diffusers' misnomer for the number of heads
        var heads = c.has("num_attention_heads") ? "num_attention_heads" : "attention_head_dim";
        var size = sampleSize(c);
        var config =
                new UNetConfig(
                        size.get(0),
                        size.get(1),
                        c.integer("in_channels", 4),
                        c.integer("out_channels", 4),
                        widths,
                        c.levels("layers_per_block", levels, 2),
                        blocks(c, "down_block_types", levels, "DownBlock2D", CROSS_DOWN),
                        blocks(c, "up_block_types", levels, "UpBlock2D", CROSS_UP),
                        c.levels(heads, levels, 8),
                        c.levels("transformer_layers_per_block", levels, 1),
                        c.integer("cross_attention_dim", 1280),
                        c.flag("use_linear_projection", false),
                        c.integer("norm_num_groups", 32),
                        c.number("norm_eps", 1e-5),
                        c.flag("flip_sin_to_cos", true),
                        c.number("freq_shift", 0),
                        textTime(c));
        config.requireDivisible(c, heads);
        c.requireAllKnown();
        return config;
    }

    private static List<Integer> sampleSize(JsonConfig c) {
        return c.levels("sample_size", 2, 64);
    }

    private static List<String> blocks(JsonConfig c, String key, int levels, String... supported) {
        var types = c.texts(key);
        if (types.size() != levels || !List.of(supported).containsAll(types)) {
            throw c.unsupported(key);
        }
        return types;
    }

    private static Optional<TextTime> textTime(JsonConfig c) {
        c.only("addition_embed_type", "text_time");
        c.ignore("addition_embed_type_num_heads"); // of another addition_embed_type
        if (!c.has("addition_embed_type")) {
            return Optional.empty();
        }
        var dims =
                new TextTime(
                        c.integer("addition_time_embed_dim"),
                        c.integer("projection_class_embeddings_input_dim"));
        if (dims.timeEmbedDim() < 2 || dims.timeEmbedDim() % 2 != 0) {
            throw c.unsupported("addition_time_embed_dim");
        }
        if (dims.pooledDim() < 1) {
            throw c.unsupported("projection_class_embeddings_input_dim");
        }
        return Optional.of(dims);
    }

    private void requireDivisible(JsonConfig c, String headsKey) {
        for (int level = 0; level < levels(); level++) {
            if (blockOutChannels.get(level) % normNumGroups != 0) {
                throw c.unsupported("norm_num_groups");
            }
            if (blockOutChannels.get(level) % attentionHeads.get(level) != 0) {
                throw c.unsupported(headsKey);
            }
        }
        if (blockOutChannels.get(0) % 2 != 0) {
            throw c.unsupported("block_out_channels");
        }
    }

    /** Options of other networks that diffusers keeps in the same class. */
    private static void refuseOtherVariants(JsonConfig c) {
        c.only("_class_name", "UNet2DConditionModel");
        c.only("act_fn", "silu");
        c.only("attention_type", "default");
        c.only("conv_in_kernel", 3);
        c.only("conv_out_kernel", 3);
        c.only("downsample_padding", 1);
        c.only("dropout", 0);
        c.only("mid_block_scale_factor", 1);
        c.only("mid_block_type", "UNetMidBlock2DCrossAttn");
        c.only("resnet_out_scale_factor", 1);
        c.only("resnet_time_scale_shift", "default");
        c.only("time_embedding_type", "positional");
        c.ignore("upcast_attention"); // the attention used here always sums in fp32
    }
}
