package io.mitune.diffusion.model.t5;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.ParityCase;
import io.mitune.diffusion.nn.Adapters;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.Weights;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.WeightFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** T5's encoder alone, against what transformers computes from the same files. */
class T5EncoderModelTest {
    private static final ParityCase PARITY = ParityCase.of("sd35-fp32");
    private static final Path FOLDER = PARITY.model().resolve("text_encoder_3");

    /** bf16 has 8 bits of mantissa; the roundings of two layers lose some per cent. */
    private static final double BF16_TOLERANCE = 0.06;

    @TempDir Path dir;

    @ParameterizedTest
    @EnumSource(
            value = Dtype.class,
            names = {"FP32", "BF16"})
    void sameStates(Dtype dtype) {
        try (var manager = NDManager.newBaseManager("PyTorch")) {
            var weights =
                    Weights.of(WeightFiles.find(FOLDER, "model"), manager, dtype, Adapters.NONE);
            var model = new T5EncoderModel(weights, T5Config.read(FOLDER.resolve("config.json")));
            weights.requireAllRead();
            var ids = PARITY.get(manager, "t5/ids");
            int before = manager.getManagedArrays().size();
            assertEquals(4, before, "ids, words, places, last norm: no layer before its turn");
            var found = model.forward(List.of(ids)).get(0);
            assertEquals(before + 1, manager.getManagedArrays().size());
            PARITY.assertClose(
                    "t5/embeddings",
                    Dtype.FP32.cast(found),
                    dtype == Dtype.FP32 ? 1e-4 : BF16_TOLERANCE);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"gated-gelu\" | \"relu\" | unsupported feed_forward_proj=\"relu\"",
                "\"is_decoder\": false | \"is_decoder\": true | unsupported is_decoder=true",
                "\"gelu_new\" | \"silu\" | unsupported dense_act_fn=\"silu\"",
                "\"num_layers\": 2 | \"num_layers\": 0 | unsupported num_layers=0",
                "\"use_cache\" | \"use_cash\": 1, \"use_cache\" | unsupported use_cash=1"
            })
    void refusesOtherVariants(String from, String to, String expected) throws IOException {
        var text = Files.readString(FOLDER.resolve("config.json"));
        assertTrue(text.contains(from), from);
        var file = dir.resolve("config.json");
        Files.writeString(file, text.replace(from, to));
        var error = assertThrows(ModelFileException.class, () -> T5Config.read(file));
        assertEquals(file + ": " + expected, error.getMessage());
    }

    /** Every key that the configuration of Stable Diffusion 3's T5-XXL has. */
    @Test
    void readsTheConfigurationOfT5Xxl() throws IOException {
        var file = dir.resolve("config.json");
        Files.writeString(
                file,
                """
                {"_name_or_path": "google/t5-v1_1-xxl", "architectures": ["T5EncoderModel"],
                "classifier_dropout": 0.0, "d_ff": 10240, "d_kv": 64, "d_model": 4096,
                "decoder_start_token_id": 0, "dense_act_fn": "gelu_new", "dropout_rate": 0.1,
                "eos_token_id": 1, "feed_forward_proj": "gated-gelu", "initializer_factor": 1.0,
                "is_encoder_decoder": true, "is_gated_act": true, "layer_norm_epsilon": 1e-06,
                "model_type": "t5", "num_decoder_layers": 24, "num_heads": 64, "num_layers": 24,
                "output_past": true, "pad_token_id": 0, "relative_attention_max_distance": 128,
                "relative_attention_num_buckets": 32, "tie_word_embeddings": false,
                "torch_dtype": "float16", "transformers_version": "4.41.2", "use_cache": true,
                "vocab_size": 32128}
                """);
        var expected = new T5Config(4096, 64, 10240, 24, 64, 32, 128, 1e-6, 32128);
        assertEquals(expected, T5Config.read(file));
    }
}
