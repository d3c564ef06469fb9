package io.mitune.diffusion.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.diffusion.safetensors.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Damages a copy of a model, and expects one line that names the place. */
final class BrokenModel {
    private BrokenModel() {}

    /** Replaces what must be there. */
    static void replace(Path file, String from, String to) throws IOException {
        var text = Files.readString(file);
        assertTrue(text.contains(from), file + " has no " + from);
        Files.writeString(file, text.replaceFirst(Pattern.quote(from), to));
    }

    static void assertRefused(Path model, Path file, String expected) {
        var e =
                assertThrows(
                        ModelFileException.class,
                        () -> StableDiffusion.load(model, LoadOptions.plain()).close());
        assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
        assertTrue(e.getMessage().contains(expected), e.getMessage());
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    }

    static String digest(Path model) {
        try (var loaded = StableDiffusion.load(model, LoadOptions.plain())) {
            return loaded.modelDigest();
        }
    }
}
