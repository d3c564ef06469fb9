package io.mitune.diffusion.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.diffusion.ParityCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A whole model, damaged in one place: one line that names the place. */
class BrokenModelTest {
    @TempDir Path dir;
    private Path model;

    @BeforeEach
    void copy() throws IOException {
        model = dir.resolve("model");
        ParityCase.of("epsilon-fp32").copyModel(model);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "unet/config.json | \"time_embedding_type\": \"positional\" | \"time_embedding_type\": \"fourier\" | unsupported time_embedding_type=\"fourier\"",
                "unet/config.json | \"class_embed_type\": null | \"class_embed_type\": \"timestep\" | unsupported class_embed_type=\"timestep\"",
                "unet/config.json | \"dual_cross_attention\": false | \"dual_cross_attention\": true | unsupported dual_cross_attention=true",
                "unet/config.json | \"norm_num_groups\": 4 | \"norm_num_groups\": 3 | unsupported norm_num_groups=3",
                "unet/config.json | \"norm_num_groups\": 4 | \"norm_num_groups\": \"4\" | norm_num_groups: expected a whole number >= 0, found \"4\"",
                "unet/config.json | \"norm_eps\": 1e-05 | \"norm_eps\": true | norm_eps: expected a number, found true",
                "unet/config.json | \"act_fn\" | \"act_fm\" | unsupported act_fm=\"silu\"",
                "unet/config.json | \"cross_attention_dim\": 20 | \"cross_attention_dim\": 24 | cross_attention_dim: expected 20 as text_encoder's hidden_size, found 24",
                "unet/config.json | \"in_channels\": 4 | \"in_channels\": 9 | in_channels: expected 4 as vae's latent_channels, found 9",
                "unet/config.json | \"layers_per_block\": 1 | \"layers_per_block\": [1, 1, 1] | layers_per_block: expected 2 numbers, found [1,1,1]",
                "unet/config.json | {  | [ | not JSON: line",
                "vae/config.json | \"DownEncoderBlock2D\" | \"AttnDownEncoderBlock2D\" | unsupported down_block_types=",
                "text_encoder/config.json | \"hidden_act\": \"gelu\" | \"hidden_act\": \"relu\" | unsupported hidden_act=\"relu\"",
                "text_encoder/config.json | \"num_attention_heads\": 2 | \"num_attention_heads\": 3 | unsupported num_attention_heads=3",
                "model_index.json | \"StableDiffusionPipeline\" | \"StableDiffusionXLInpaintPipeline\" | unsupported pipeline 'StableDiffusionXLInpaintPipeline', expected one of StableDiffusionPipeline,",
                "model_index.json | \"StableDiffusionPipeline\" | \"StableDiffusionXLPipeline\" | text_encoder_2: expected a list of strings, found nothing",
                "model_index.json | \"AutoencoderKL\" | \"AutoencoderTiny\" | unsupported vae 'AutoencoderTiny'"
            })
    void namesTheConfigValue(String file, String from, String to, String expected)
            throws IOException {
        var path = model.resolve(file);
        BrokenModel.replace(path, from, to);
        BrokenModel.assertRefused(model, path, expected);
    }

    /** The configuration asks for other shapes, or for other keys, than the file has. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"use_linear_projection\": true | \"use_linear_projection\": false | down_blocks.0.attentions.0.proj_in.weight: expected shape [8, 8, 1, 1], found [8, 8]",
                "\"transformer_layers_per_block\": 1 | \"transformer_layers_per_block\": 2 | missing key down_blocks.0.attentions.0.transformer_blocks.1.norm1.weight",
                "\"CrossAttnDownBlock2D\" | \"DownBlock2D\" | unread key down_blocks.0.attentions.0.norm.bias (and "
            })
    void namesTheKeyThatDoesNotFit(String from, String to, String expected) throws IOException {
        var config = model.resolve("unet/config.json");
        Files.writeString(
                config,
                Files.readString(config).replaceFirst(java.util.regex.Pattern.quote(from), to));
        BrokenModel.assertRefused(
                model, model.resolve("unet/diffusion_pytorch_model.safetensors"), expected);
    }

    @Test
    void namesATruncatedFile() throws IOException {
        var file = model.resolve("vae/diffusion_pytorch_model.safetensors");
        var bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 4));
        BrokenModel.assertRefused(model, file, "expected begin <= end within the");
    }

    @Test
    void namesAMissingFolderAndAMissingFile() throws IOException {
        Files.delete(model.resolve("text_encoder/model.safetensors"));
        BrokenModel.assertRefused(
                model, model.resolve("text_encoder"), "no weights, expected model.safetensors");
        Files.delete(model.resolve("vae/config.json"));
        BrokenModel.assertRefused(model, model.resolve("vae/config.json"), "no such file");
        model = dir.resolve("absent");
        BrokenModel.assertRefused(model, model, "expected a diffusers model directory, found none");
    }

    @Test
    void digestFollowsTheContent() throws IOException {
        var first = BrokenModel.digest(model);
        assertTrue(first.matches("[0-9a-f]{64}"), first);
        Files.writeString(model.resolve("README.md"), "no part of the model");
        assertEquals(first, BrokenModel.digest(model));
        var file = model.resolve("unet/diffusion_pytorch_model.safetensors");
        var bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
        assertNotEquals(first, BrokenModel.digest(model));
    }
}
