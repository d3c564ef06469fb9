package io.mitune.diffusion.model.clip;

import io.mitune.diffusion.model.JsonConfig;
import java.nio.file.Path;

/**
 * text_encoder/config.json, as far as the text tower goes.
 *
 * @param hiddenSize width of the token vectors
 * @param intermediateSize width inside the perceptron
 * @param numHiddenLayers number of transformer layers
 * @param numAttentionHeads heads of each layer
 * @param maxPositionEmbeddings longest text in tokens
 * @param vocabSize number of tokens
 * @param layerNormEps added to the variance
 * @param quickGelu whether the activation is CLIP's approximation of gelu
 */
public record ClipTextConfig(
        int hiddenSize,
        int intermediateSize,
        int numHiddenLayers,
        int numAttentionHeads,
        int maxPositionEmbeddings,
        int vocabSize,
        double layerNormEps,
        boolean quickGelu) {

    public static ClipTextConfig read(Path file) {
        var c = JsonConfig.read(file);
        c.only("hidden_act", "gelu", "quick_gelu");
        c.only("model_type", "clip_text_model");
        c.ignore(
                "architectures",
                "attention_dropout",
                "bos_token_id",
                "dropout",
                "dtype",
                "eos_token_id",
                "initializer_factor",
                "initializer_range",
                "pad_token_id",
                "projection_dim",
                "torch_dtype",
                "transformers_version");
        var config =
                new ClipTextConfig(
                        c.integer("hidden_size", 512),
                        c.integer("intermediate_size", 2048),
                        c.integer("num_hidden_layers", 12),
                        c.integer("num_attention_heads", 8),
                        c.integer("max_position_embeddings", 77),
                        c.integer("vocab_size", 49408),
                        c.number("layer_norm_eps", 1e-5),
                        c.text("hidden_act", "quick_gelu").equals("quick_gelu"));
        if (config.numAttentionHeads < 1 || config.hiddenSize % config.numAttentionHeads != 0) {
            throw c.unsupported("num_attention_heads");
        }
        c.requireAllKnown();
        return config;
    }
}
