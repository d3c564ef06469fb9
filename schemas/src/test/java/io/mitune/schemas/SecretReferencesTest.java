package io.mitune.schemas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretReferencesTest {
    @TempDir Path folder;

    @Test
    void readsEnvironmentFilesAndFolders() throws Exception {
        Path file = Files.writeString(folder.resolve("s.properties"), "key=from-file\n");
        Files.writeString(folder.resolve("token"), "from-folder");
        var variable = System.getenv().keySet().iterator().next();
        var resolved =
                SecretReferences.resolve(
                        Map.of(
                                "a", "${env:" + variable + "}",
                                "b", "user:${file:" + file + ":key}!",
                                "c", "${dir:" + folder + ":token}",
                                "d", "plain $ {text}",
                                "e", "${vault:path:key}"));
        assertEquals(System.getenv(variable), resolved.get("a"));
        assertEquals("user:from-file!", resolved.get("b"));
        assertEquals("from-folder", resolved.get("c"));
        assertEquals("plain $ {text}", resolved.get("d"));
        assertEquals("${vault:path:key}", resolved.get("e"), "another provider's");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "${env:MITUNE_NO_SUCH_VARIABLE}",
                "${file:/no/such/file:key}",
                "${file:key}",
                "${dir:/no/such/folder:key}"
            })
    void namesThePropertyWhenThereIsNoValue(String reference) {
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () ->
                                SecretReferences.resolve(
                                        Map.of("ssl.key.password", "secret77" + reference)));
        assertTrue(
                error.getMessage().startsWith("ssl.key.password: expected " + reference),
                error.getMessage());
        assertFalse(error.getMessage().contains("secret77"), error.getMessage());
        assertFalse(error.getMessage().contains("\n"), error.getMessage());
    }
}
