package io.mitune.diffusion.model.sd3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.diffusion.safetensors.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Configurations with the keys and values that the published models have. */
class Sd3ConfigTest {
    private static final String SD35_MEDIUM =
            """
            {"_class_name": "SD3Transformer2DModel", "_diffusers_version": "0.31.0.dev0",
            "attention_head_dim": 64, "caption_projection_dim": 1536,
            "dual_attention_layers": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
            "in_channels": 16, "joint_attention_dim": 4096, "num_attention_heads": 24,
            "num_layers": 24, "out_channels": 16, "patch_size": 2,
            "pooled_projection_dim": 2048, "pos_embed_max_size": 384, "qk_norm": "rms_norm",
            "sample_size": 128}
            """;
    private static final String SD3_MEDIUM =
            """
            {"_class_name": "SD3Transformer2DModel", "_diffusers_version": "0.29.0.dev0",
            "attention_head_dim": 64, "caption_projection_dim": 1536, "in_channels": 16,
            "joint_attention_dim": 4096, "num_attention_heads": 24, "num_layers": 24,
            "out_channels": 16, "patch_size": 2, "pooled_projection_dim": 2048,
            "pos_embed_max_size": 192, "sample_size": 128}
            """;

    @TempDir Path dir;

    @Test
    void readsWhatThePublishedModelsSay() throws IOException {
        var newer = read(SD35_MEDIUM);
        assertEquals(1536, newer.width());
        assertEquals(384, newer.posEmbedMaxSize());
        assertTrue(newer.qkNorm());
        assertTrue(newer.dual(12));
        assertFalse(newer.dual(13));
        assertTrue(newer.contextPreOnly(23));
        assertFalse(newer.contextPreOnly(22));
        var older = read(SD3_MEDIUM);
        assertFalse(older.qkNorm());
        assertFalse(older.dual(0));
        assertEquals(older, read(SD3_MEDIUM.replace("{", "{\"qk_norm\": null, ")));
        assertEquals(older, read(SD3_MEDIUM.replace("{", "{\"dual_attention_layers\": [], ")));
    }

    @Test
    void refusesListsThatAreNone() {
        assertRefused("[0, 24]", "a list of numbers from 0 to 23, found [0,24]");
        assertRefused("[-1]", "a list of numbers from 0 to 23, found [-1]");
        assertRefused("[\"a\"]", "a list of numbers from 0 to 23, found [\"a\"]");
        assertRefused("3", "a list of numbers from 0 to 23, found 3");
    }

    private void assertRefused(String layers, String expected) {
        var text = SD3_MEDIUM.replace("{", "{\"dual_attention_layers\": " + layers + ", ");
        var error = assertThrows(ModelFileException.class, () -> read(text));
        assertTrue(error.getMessage().endsWith("dual_attention_layers: expected " + expected));
    }

    private Sd3Config read(String text) throws IOException {
        var file = dir.resolve("config.json");
        Files.writeString(file, text);
        return Sd3Config.read(file);
    }
}
