package io.mitune.diffusion.model.clip;

import io.mitune.diffusion.model.JsonConfig;
import java.nio.file.Path;

/**
 * config.json of a text encoder.
 *
 * @param hiddenSize width of the token vectors
 * @param intermediateSize width inside the perceptron
 * @param numHiddenLayers number of transformer layers
 * @param numAttentionHeads heads of each layer
 * @param maxPositionEmbeddings longest text in tokens
 * @param vocabSize number of tokens
 * @param layerNormEps added to the variance
 * @param quickGelu whether the activation is CLIP's approximation of gelu
 * @param projectionDim width of the projected vector of a text, where the model has a projection
 * @param eosTokenId the token whose state stands for the text; 2 means the largest id of the text,
 *     since old files say 2 whatever the end token is
 */
public record ClipTextConfig(
        int hiddenSize,
        int intermediateSize,
        int numHiddenLayers,
        int numAttentionHeads,
        int maxPositionEmbeddings,
        int vocabSize,
        double layerNormEps,
        boolean quickGelu,
        int projectionDim,
        int eosTokenId) {

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
                "initializer_factor",
                "initializer_range",
                "pad_token_id",
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
                        c.text("hidden_act", "quick_gelu").equals("quick_gelu"),
                        c.integer("projection_dim", 512),
                        c.integer("eos_token_id", 49407));
        if (config.numAttentionHeads < 1 || config.hiddenSize % config.numAttentionHeads != 0) {
            throw c.unsupported("num_attention_heads");
        }
        c.requireAllKnown();
        return config;
    }
}
