package io.mitune.diffusion.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.SafetensorsWriter;
import io.mitune.diffusion.safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checkpoints in one file: refused with the way to convert them. */
class SingleFileTest {
    @TempDir Path dir;

    @ParameterizedTest
    @CsvSource({
        "conditioner.embedders.0.transformer.text_model.final_layer_norm.bias,"
                + " StableDiffusionXLPipeline",
        "model.diffusion_model.joint_blocks.0.x_block.attn.qkv.bias, StableDiffusion3Pipeline",
        "cond_stage_model.model.ln_final.bias, StableDiffusionPipeline"
    })
    void saysHowToConvert(String key, String pipeline) {
        var file = write("sd.base_1.0.safetensors", key, "first_stage_model.encoder.conv_in.bias");
        var expected =
                file
                        + ": expected a diffusers model directory, found a checkpoint in one file;"
                        + " convert it with "
                        + pipeline
                        + ".from_single_file('sd.base_1.0.safetensors')"
                        + ".save_pretrained('sd.base_1.0') of Python's diffusers and give the"
                        + " directory sd.base_1.0";
        assertRefused(file, expected);
        assertRefused(dir, expected);
    }

    @Test
    void pickledFilesAreNotOpened() throws IOException {
        var file = Files.writeString(dir.resolve("model.ckpt"), "not read");
        assertRefused(
                file,
                file
                        + ": expected a diffusers model directory, found a checkpoint in one file;"
                        + " convert it with StableDiffusionPipeline.from_single_file('model.ckpt')"
                        + ".save_pretrained('model') of Python's diffusers and give the directory"
                        + " model");
    }

    @Test
    void otherFilesAreNamedForWhatTheyAre() throws IOException {
        var part = write("part.safetensors", "conv_in.bias");
        assertRefused(
                part,
                part
                        + ": expected a diffusers model directory, found a file that is no whole"
                        + " model");
        var text = Files.writeString(dir.resolve("notes.txt"), "");
        assertRefused(text, text + ": expected a diffusers model directory, found a file");
        var index = dir.resolve("model_index.json");
        Files.delete(part);
        assertRefused(
                dir,
                dir
                        + ": expected a diffusers model directory, with model_index.json in it, found none");
    }

    private Path write(String name, String... keys) {
        var file = dir.resolve(name);
        var tensors = new LinkedHashMap<String, Tensor>();
        for (var key : keys) {
            tensors.put(key, Tensor.f32(new float[1], 1));
        }
        SafetensorsWriter.write(file, tensors, Map.of());
        return file;
    }

    private static void assertRefused(Path path, String expected) {
        var e =
                assertThrows(
                        ModelFileException.class,
                        () -> StableDiffusion.load(path, LoadOptions.plain()).close());
        assertEquals(expected, e.getMessage());
    }
}
