package io.mitune.diffusion.model.t5;

import io.mitune.diffusion.model.JsonConfig;
import java.nio.file.Path;

/**
 * text_encoder_3/config.json, as far as the encoder goes.
 *
 * @param dModel width of the token vectors
 * @param dKv features of one head; heads times this need not be the width
 * @param dFf width inside the perceptron
 * @param numLayers number of transformer layers
 * @param numHeads heads of each layer
 * @param relativeBuckets number of classes of distances between tokens
 * @param relativeMaxDistance from where on distances are one class
 * @param layerNormEps added to the mean square
 * @param vocabSize number of tokens
 */
public record T5Config(
        int dModel,
        int dKv,
        int dFf,
        int numLayers,
        int numHeads,
        int relativeBuckets,
        int relativeMaxDistance,
        double layerNormEps,
        int vocabSize) {

    /**
     * Reads and checks the file.
     *
     * @throws io.mitune.diffusion.safetensors.ModelFileException naming the key that is not
     *     supported
     */
    public static T5Config read(Path file) {
        var c = JsonConfig.read(file);
        c.only("model_type", "t5");
        c.only("feed_forward_proj", "gated-gelu");
        c.only("dense_act_fn", "gelu_new");
        c.only("is_gated_act", true);
        c.only("is_decoder", false);
        c.ignore(
                "architectures",
                "bos_token_id",
                "classifier_dropout",
                "decoder_start_token_id",
                "dropout_rate",
                "dtype",
                "eos_token_id",
                "initializer_factor",
                "is_encoder_decoder", // the encoder is the same with and without a decoder
                "num_decoder_layers",
                "output_past",
                "pad_token_id",
                "scale_decoder_outputs",
                "tie_word_embeddings",
                "torch_dtype",
                "transformers_version",
                "use_cache");
        if (!c.has("feed_forward_proj")) {
            throw c.unsupported("feed_forward_proj"); // absent means an ungated relu
        }
        var config =
                new T5Config(
                        c.positive("d_model", 512),
                        c.positive("d_kv", 64),
                        c.positive("d_ff", 2048),
                        c.positive("num_layers", 6),
                        c.positive("num_heads", 8),
                        c.positive("relative_attention_num_buckets", 32),
                        c.positive("relative_attention_max_distance", 128),
                        c.number("layer_norm_epsilon", 1e-6),
                        c.positive("vocab_size", 32128));
        int exact = config.relativeBuckets() / 4;
        if (exact < 1 || config.relativeMaxDistance() <= exact) {
            throw c.unsupported("relative_attention_num_buckets");
        }
        c.requireAllKnown();
        return config;
    }
}
