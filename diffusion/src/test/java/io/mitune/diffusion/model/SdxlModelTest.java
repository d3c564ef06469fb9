package io.mitune.diffusion.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.ParityCase;
import io.mitune.diffusion.model.clip.ClipTextConfig;
import io.mitune.diffusion.model.unet.UNetConfig;
import io.mitune.diffusion.model.vae.VaeConfig;
import io.mitune.diffusion.scheduler.SchedulerConfig;
import io.mitune.diffusion.scheduler.SchedulerKind;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Stable Diffusion XL has beside numbers: its negative prompt, its files, their damage. */
class SdxlModelTest {
    @TempDir Path dir;

    @ParameterizedTest
    @CsvSource({"xl-fp32, true", "xl-fp16, false"})
    void anAbsentNegativePromptIsZerosWhereThePipelineSaysSo(String name, boolean zeros) {
        try (var model = load(name)) {
            var text = model.text();
            var owner = model.manager();
            var all = text.encode(owner, List.of(Optional.of(""), Optional.empty()));
            var empty = all.get(0);
            var absent = all.get(1);
            assertSame(empty, text.encode(owner, ""));
            assertEquals(empty.encoderHiddenStates().getShape(), hidden(absent).getShape());
            assertEquals(empty.pooled().get().getShape(), pooled(absent).getShape());
            assertEquals(zeros, hidden(absent).abs().max().getFloat() == 0);
            assertEquals(zeros, pooled(absent).abs().max().getFloat() == 0);
            if (!zeros) {
                assertSame(empty, absent);
            }
        }
    }

    @Test
    void releasedEncodersAreReadAgain() {
        try (var model = load("xl-fp32")) {
            int before = model.manager().getManagedArrays().size();
            var first = model.text().encode(model.manager(), "the red cat");
            model.text().release();
            assertEquals(before + 2, model.manager().getManagedArrays().size());
            assertSame(first, model.text().encode(model.manager(), "the red cat"));
        }
    }

    @Test
    void theDenoiserAsksForThePooledText() {
        var parity = ParityCase.of("xl-fp32");
        try (var model = load("xl-fp32");
                var manager = model.manager().newSubManager()) {
            var text = parity.text(manager, "unet");
            var without = TextEmbedding.of(text.encoderHiddenStates());
            var e =
                    assertThrows(
                            IllegalArgumentException.class,
                            () ->
                                    model.denoiser()
                                            .forward(
                                                    parity.get(manager, "unet/sample"),
                                                    parity.floats(manager, "unet/timesteps"),
                                                    without));
            assertEquals(
                    "unet: expected a pooled text of shape (3, 10), found no pooled text",
                    e.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "unet/config.json | \"text_time\" | \"text_image\" | unsupported addition_embed_type=\"text_image\"",
                "unet/config.json | \"addition_time_embed_dim\": 6 | \"addition_time_embed_dim\": 5 | unsupported addition_time_embed_dim=5",
                "unet/config.json | \"addition_time_embed_dim\": 6 | \"addition_time_embed_dim\": null | addition_time_embed_dim: expected a whole number >= 0, found nothing",
                "unet/config.json | \"projection_class_embeddings_input_dim\": 46 | \"projection_class_embeddings_input_dim\": 36 | unsupported projection_class_embeddings_input_dim=36",
                "unet/config.json | \"projection_class_embeddings_input_dim\": 46 | \"projection_class_embeddings_input_dim\": 47 | projection_class_embeddings_input_dim: expected 6 x addition_time_embed_dim and 10 as text_encoder_2's projection_dim, found 11 beside the 6 x",
                "unet/config.json | \"addition_embed_type\": \"text_time\" | \"addition_embed_type\": null | unsupported addition_time_embed_dim=6",
                "unet/config.json | \"encoder_hid_dim\": null | \"encoder_hid_dim\": 8 | unsupported encoder_hid_dim=8",
                "unet/config.json | \"time_cond_proj_dim\": null | \"time_cond_proj_dim\": 256 | unsupported time_cond_proj_dim=256",
                "unet/config.json | \"reverse_transformer_layers_per_block\": null | \"reverse_transformer_layers_per_block\": [2, 1] | unsupported reverse_transformer_layers_per_block=[2,1]",
                "unet/config.json | \"cross_attention_dim\": 22 | \"cross_attention_dim\": 20 | cross_attention_dim: expected 22 as the sum of both hidden_size, found 20",
                "text_encoder_2/config.json | \"eos_token_id\": 2 | \"eos_token_id\": [2] | eos_token_id: expected a whole number >= 0, found [2]",
                "tokenizer_2 | \"model_max_length\": 11 | \"model_max_length\": 12 | model_max_length: expected at most 11 as max_position_embeddings, found 12",
                "tokenizer_2 | \"model_max_length\": 11 | \"model_max_length\": 10 | model_max_length: expected 11 as the first tokenizer's, found 10",
                "model_index.json | \"CLIPTextModelWithProjection\" | \"CLIPTextModel\" | unsupported text_encoder_2 'CLIPTextModel', expected CLIPTextModelWithProjection",
                "model_index.json | \"force_zeros_for_empty_prompt\": true | \"force_zeros_for_empty_prompt\": \"yes\" | force_zeros_for_empty_prompt: expected true or false, found \"yes\""
            })
    void namesWhatIsWrong(String where, String from, String to, String expected)
            throws IOException {
        var model = dir.resolve("model");
        ParityCase.of("xl-fp32").copyModel(model);
        var place = model.resolve(where);
        var file = Files.isDirectory(place) ? place.resolve("tokenizer_config.json") : place;
        BrokenModel.replace(file, from, to);
        BrokenModel.assertRefused(model, place, expected);
    }

    /** The configurations of SDXL-base-1.0 itself. */
    @Test
    void readsThePublishedConfigurations() throws URISyntaxException {
        var unet = UNetConfig.read(published("unet"));
        assertEquals(List.of(5, 10, 20), unet.attentionHeads());
        assertEquals(List.of(1, 2, 10), unet.transformerLayers());
        assertEquals(2048, unet.crossAttentionDim());
        assertEquals(1280, unet.textTime().orElseThrow().pooledDim());
        var first = ClipTextConfig.read(published("text_encoder"));
        var second = ClipTextConfig.read(published("text_encoder_2"));
        assertTrue(first.quickGelu() && !second.quickGelu());
        assertEquals(unet.crossAttentionDim(), first.hiddenSize() + second.hiddenSize());
        assertEquals(1280, second.projectionDim());
        var vae = VaeConfig.read(published("vae"));
        assertEquals(0.13025, vae.scalingFactor());
        assertEquals(1024, unet.sampleHeight() * vae.scale());
        var scheduler = SchedulerConfig.read(published("scheduler")).forStableDiffusionXl();
        assertEquals(Optional.of(SchedulerKind.EULER), scheduler.ownKind());
        for (var kind : List.of(SchedulerKind.DDPM, SchedulerKind.DDIM, SchedulerKind.EULER)) {
            assertEquals(1, scheduler.settings(kind).stepsOffset());
        }
    }

    private static Path published(String name) throws URISyntaxException {
        return Path.of(SdxlModelTest.class.getResource("/sdxl-base/" + name + ".json").toURI());
    }

    private static StableDiffusion load(String name) {
        return StableDiffusion.load(ParityCase.of(name).model(), LoadOptions.plain());
    }

    private static NDArray hidden(TextEmbedding text) {
        return text.encoderHiddenStates();
    }

    private static NDArray pooled(TextEmbedding text) {
        return text.pooled().orElseThrow();
    }

    private static void assertSame(TextEmbedding expected, TextEmbedding found) {
        assertArrayEquals(hidden(expected).toFloatArray(), hidden(found).toFloatArray());
        assertArrayEquals(pooled(expected).toFloatArray(), pooled(found).toFloatArray());
    }
}
