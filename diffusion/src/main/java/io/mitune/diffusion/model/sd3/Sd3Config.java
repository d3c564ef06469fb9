package io.mitune.diffusion.model.sd3;

import io.mitune.diffusion.model.JsonConfig;
import java.nio.file.Path;
import java.util.List;

/**
 * transformer/config.json.
 *
 * @param sampleHeight default height of the latents
 * @param sampleWidth default width of the latents
 * @param patchSize side of the square of latents that becomes one token
 * @param inChannels channels of the noisy latents
 * @param outChannels channels of the prediction
 * @param numLayers number of joint blocks
 * @param attentionHeadDim features of one head
 * @param numAttentionHeads heads of each attention
 * @param jointAttentionDim width of the text's vectors
 * @param pooledProjectionDim width of the pooled text vector
 * @param posEmbedMaxSize side of the table of positions, in patches
 * @param dualAttentionLayers blocks in which the image attends to itself once more
 * @param qkNorm whether queries and keys are normalised
 */
public record Sd3Config(
        int sampleHeight,
        int sampleWidth,
        int patchSize,
        int inChannels,
        int outChannels,
        int numLayers,
        int attentionHeadDim,
        int numAttentionHeads,
        int jointAttentionDim,
        int pooledProjectionDim,
        int posEmbedMaxSize,
        List<Integer> dualAttentionLayers,
        boolean qkNorm) {

    static final double NORM_EPS = 1e-6;

    /** Features of a token. */
    public int width() {
        return numAttentionHeads * attentionHeadDim;
    }

    /** Whether the image attends to itself once more in this block. */
    boolean dual(int layer) {
        return dualAttentionLayers.contains(layer);
    }

    /** Whether the text ends in this block: it is attended to but not carried on. */
    boolean contextPreOnly(int layer) {
        return layer == numLayers - 1;
    }

    /**
     * Reads and checks the file.
     *
     * @throws io.mitune.diffusion.safetensors.ModelFileException naming the key that is not
     *     supported
     */
    public static Sd3Config read(Path file) {
        var c = JsonConfig.read(file);
        c.only("_class_name", "SD3Transformer2DModel");
        c.only("qk_norm", "rms_norm");
        var size = c.levels("sample_size", 2, 128);
        int channels = c.positive("in_channels", 16);
        int layers = c.positive("num_layers", 18);
        var config =
                new Sd3Config(
                        size.get(0),
                        size.get(1),
                        c.positive("patch_size", 2),
                        channels,
                        c.positive("out_channels", channels),
                        layers,
                        c.positive("attention_head_dim", 64),
                        c.positive("num_attention_heads", 18),
                        c.positive("joint_attention_dim", 4096),
                        c.positive("pooled_projection_dim", 2048),
                        c.positive("pos_embed_max_size", 96),
                        c.indices("dual_attention_layers", layers),
                        c.has("qk_norm"));
        if (c.integer("caption_projection_dim", 1152) != config.width()) {
            throw c.unsupported("caption_projection_dim"); // image and text share one attention
        }
        if (config.outChannels() != config.inChannels()) {
            throw c.unsupported("out_channels");
        }
        c.requireAllKnown();
        return config;
    }
}
