package io.mitune.diffusion.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.ParityCase;
import io.mitune.diffusion.nn.Dtype;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole pipelines of Stable Diffusion 3 and 3.5: texts, autoencoder, what is refused. */
class Sd3ParityTest {
    private static final double TOLERANCE = 1e-4;

    /** bf16 has 8 bits of mantissa; T5's unscaled scores make the most of each rounding. */
    private static final double BF16_TOLERANCE = 0.06;

    /** fp16 has 11. */
    private static final double FP16_TOLERANCE = 0.01;

    @TempDir Path dir;

    /** T5's own states exceed the range of fp16, so it runs in bf16 then. */
    @ParameterizedTest
    @ValueSource(strings = {"sd35-fp32", "sd3-bf16"})
    void textEmbeddingsInFp16(String name) {
        var parity = ParityCase.of(name);
        var options = LoadOptions.plain().with(Dtype.FP16);
        try (var model = StableDiffusion.load(parity.model(), options)) {
            assertEquals(Family.SD3, model.family());
            var texts = new ArrayList<String>();
            parity.settings().get("texts").forEach(t -> texts.add(t.asText()));
            var found = model.encode(model.manager(), texts);
            parity.assertClose("text/embeddings", found.encoderHiddenStates(), BF16_TOLERANCE);
            parity.assertClose("text/pooled", found.pooled().orElseThrow(), FP16_TOLERANCE);
        }
    }

    /** The empty text, whether it is given or nothing is. */
    @Test
    void nothingSaidIsTheEmptyText() {
        try (var model = load("sd35-fp32")) {
            var owner = model.manager();
            var empty = model.text().encode(owner, "").encoderHiddenStates().toFloatArray();
            var negatives = List.of(Optional.<String>empty(), Optional.of(""));
            for (var found : model.text().encode(owner, negatives)) {
                assertArrayEquals(empty, found.encoderHiddenStates().toFloatArray());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sd35-fp32", "sd3-bf16"})
    void releasedEncodersAreReadAgain(String name) {
        try (var model = load(name)) {
            int before = model.manager().getManagedArrays().size();
            var first = model.text().encode(model.manager(), "a red cat");
            model.text().release();
            assertEquals(before + 2, model.manager().getManagedArrays().size());
            model.text().release();
            var again = model.text().encode(model.manager(), "a red cat");
            assertArrayEquals(
                    first.encoderHiddenStates().toFloatArray(),
                    again.encoderHiddenStates().toFloatArray());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sd35-fp32", "sd3-bf16"})
    void latentsAreShiftedAndScaled(String name) {
        var parity = ParityCase.of(name);
        try (var model = load(name);
                var manager = model.manager().newSubManager()) {
            var vae = model.vaeConfig();
            var posterior = model.vae().encode(parity.get(manager, "vae/image"));
            var latents = posterior.mean().sub(vae.shiftFactor()).mul(vae.scalingFactor());
            parity.assertClose("vae/model_latents", latents, TOLERANCE);
            var plain = parity.get(manager, "vae/latents");
            var unscaled = plain.div(vae.scalingFactor()).add(vae.shiftFactor());
            parity.assertClose("vae/model_decoded", model.vae().decode(unscaled), TOLERANCE);
        }
    }

    /** Pictures come in steps of the autoencoder's scale times the patch. */
    @Test
    void latentsAreWholePatches() {
        try (var model = load("sd3-bf16")) {
            assertEquals(new Shape(16, 8, 8), model.latentShape(0, 0));
            assertEquals(new Shape(16, 6, 10), model.latentShape(24, 40));
            var error =
                    assertThrows(IllegalArgumentException.class, () -> model.latentShape(24, 36));
            assertEquals(
                    "width: expected a multiple of 8 up to 4096, found 36", error.getMessage());
        }
    }

    @Test
    void digestFollowsEveryEncoder() throws IOException {
        var model = copy();
        var digests = new ArrayList<String>();
        digests.add(BrokenModel.digest(model));
        for (var part :
                new String[] {"text_encoder", "text_encoder_2", "text_encoder_3", "transformer"}) {
            var file = weights(model, part);
            var bytes = Files.readAllBytes(file);
            bytes[bytes.length - 2] ^= 1;
            Files.write(file, bytes);
            digests.add(BrokenModel.digest(model));
        }
        assertEquals(digests.size(), digests.stream().distinct().count());
        var tokenizer = model.resolve("tokenizer_3/tokenizer.json");
        Files.writeString(tokenizer, Files.readString(tokenizer) + "\n");
        assertNotEquals(digests.get(digests.size() - 1), BrokenModel.digest(model));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "transformer/config.json | \"qk_norm\": \"rms_norm\" | \"qk_norm\": \"layer_norm\" | unsupported qk_norm=\"layer_norm\"",
                "transformer/config.json | \"caption_projection_dim\": 16 | \"caption_projection_dim\": 12 | unsupported caption_projection_dim=12",
                "transformer/config.json | \"out_channels\": 16 | \"out_channels\": 32 | unsupported out_channels=32",
                "transformer/config.json | \"num_layers\": 3 | \"num_layers\": 1 | dual_attention_layers: expected a list of numbers from 0 to 0, found [0,1]",
                "transformer/config.json | \"patch_size\": 2 | \"patch_size\": 0 | unsupported patch_size=0",
                "transformer/config.json | \"patch_size\" | \"patch_sise\" | unsupported patch_sise=2",
                "transformer/config.json | \"pooled_projection_dim\": 22 | \"pooled_projection_dim\": 20 | pooled_projection_dim: expected 22 as the sum of both projection_dim, found 20",
                "transformer/config.json | \"joint_attention_dim\": 26 | \"joint_attention_dim\": 28 | joint_attention_dim: expected 26 as text_encoder_3's d_model, found 28",
                "transformer/config.json | \"joint_attention_dim\": 26 | \"joint_attention_dim\": 16 | joint_attention_dim: expected at least 20, the sum of both hidden_size, found 16",
                "transformer/config.json | \"in_channels\": 16 | \"in_channels\": 4 | in_channels: expected 16 as vae's latent_channels, found 4",
                "model_index.json | \"SD3Transformer2DModel\" | \"FluxTransformer2DModel\" | unsupported transformer 'FluxTransformer2DModel', expected SD3Transformer2DModel",
                "model_index.json | \"T5EncoderModel\" | \"UMT5EncoderModel\" | unsupported text_encoder_3 'UMT5EncoderModel', expected T5EncoderModel"
            })
    void namesTheConfigValue(String file, String from, String to, String expected)
            throws IOException {
        var model = copy();
        var path = model.resolve(file);
        var text = Files.readString(path);
        assertTrue(text.contains(from), file + " has no " + from);
        if (to.contains("\"in_channels\": 4") || to.contains("\"out_channels\": 32")) {
            text = text.replace("\"out_channels\": 16", "\"out_channels\": " + to.split(": ")[1]);
        }
        Files.writeString(path, text.replaceFirst(Pattern.quote(from), to));
        BrokenModel.assertRefused(model, path, expected);
    }

    @Test
    void namesTheKeyThatDoesNotFit() throws IOException {
        var model = copy();
        var config = model.resolve("transformer/config.json");
        var text = Files.readString(config);
        Files.writeString(config, text.replace("\"rms_norm\"", "null"));
        var file = weights(model, "transformer");
        BrokenModel.assertRefused(
                model, file, "unread key transformer_blocks.0.attn.norm_added_k.weight (and ");
        Files.writeString(config, text.replaceFirst("\\[\\s*0,\\s*1\\s*\\]", "[0, 1, 2]"));
        BrokenModel.assertRefused(model, file, "key transformer_blocks.2.norm1.linear.");
        Files.writeString(config, text);
        try (var files = Files.list(model.resolve("text_encoder_3"))) {
            for (var weights : files.filter(f -> f.toString().endsWith("tensors")).toList()) {
                Files.delete(weights);
            }
        }
        BrokenModel.assertRefused(
                model, model.resolve("text_encoder_3"), "no weights, expected model.safetensors");
    }

    private static Path weights(Path model, String part) {
        var base = part.equals("transformer") ? "diffusion_pytorch_model" : "model";
        return model.resolve(part).resolve(base + ".safetensors");
    }

    private Path copy() throws IOException {
        var model = dir.resolve("model");
        ParityCase.of("sd35-fp32").copyModel(model);
        return model;
    }

    private static StableDiffusion load(String name) {
        return StableDiffusion.load(ParityCase.of(name).model(), LoadOptions.plain());
    }
}
