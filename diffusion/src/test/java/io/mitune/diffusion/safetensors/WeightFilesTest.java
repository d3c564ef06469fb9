package io.mitune.diffusion.safetensors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightFilesTest {
    @TempDir Path dir;

    @Test
    void prefersTheFullFileToItsVariant() {
        one("model.fp16.safetensors", "v");
        assertEquals(Set.of("v"), WeightFiles.find(dir, "model").names());
        one("model.safetensors", "a");
        assertEquals(Set.of("a"), WeightFiles.find(dir, "model").names());
    }

    @Test
    void findsKeysInTheirShards() throws IOException {
        one("model-00001-of-00002.safetensors", "a");
        one("model-00002-of-00002.safetensors", "b");
        index(
                "{\"a\":\"model-00001-of-00002.safetensors\",\"b\":\"model-00002-of-00002.safetensors\"}");

        var files = WeightFiles.find(dir, "model");

        assertEquals(List.of("a", "b"), List.copyOf(files.names()));
        assertEquals(dir.resolve("model-00002-of-00002.safetensors"), files.fileOf("b").path());
        assertEquals(2, files.paths().size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"../x.safetensors", "/etc/x.safetensors", "a/b.safetensors", "x.bin", ""})
    void refusesAShardOutsideTheDirectory(String shard) throws IOException {
        index("{\"a\":\"" + shard + "\"}");
        assertFails("expected the name of a .safetensors file beside it");
    }

    @Test
    void refusesAnIndexThatNamesAnAbsentKeyOrFile() throws IOException {
        one("s.safetensors", "a");
        index("{\"b\":\"s.safetensors\"}");
        assertFails("missing key b");
        index("{\"b\":\"t.safetensors\"}");
        assertFails("no such file");
    }

    @Test
    void saysWhatItLookedFor() {
        assertFails("expected model.safetensors");
    }

    @Test
    void namesTheFileOfAMissingKey() {
        one("model.safetensors", "a");
        var files = WeightFiles.find(dir, "model");
        var e = assertThrows(ModelFileException.class, () -> files.fileOf("z"));
        assertEquals(dir.resolve("model.safetensors") + ": missing key z", e.getMessage());
    }

    private void assertFails(String expected) {
        var e = assertThrows(ModelFileException.class, () -> WeightFiles.find(dir, "model"));
        assertTrue(e.getMessage().contains(expected), e.getMessage());
    }

    private void one(String name, String key) {
        SafetensorsWriter.write(
                dir.resolve(name), Map.of(key, Tensor.f32(new float[] {1}, 1)), Map.of());
    }

    private void index(String weightMap) throws IOException {
        Files.writeString(
                dir.resolve("model.safetensors.index.json"), "{\"weight_map\":" + weightMap + "}");
    }
}
