package io.mitune.app.export.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What TarWriter writes, read by commons-compress. */
class TarWriterTest {
    @TempDir Path folder;

    @Test
    void filesComeBackWithFixedOwnerAndTime() throws IOException {
        var file = folder.resolve("a.tar");
        var sizes = new int[] {0, 1, 511, 512, 513, 100_000};
        try (var tar = new TarWriter(file)) {
            for (var size : sizes) {
                tar.add("s" + size + ".png", bytes(size));
            }
        }
        assertEquals(0, Files.size(file) % 10_240);
        try (var in = new TarArchiveInputStream(Files.newInputStream(file))) {
            for (var size : sizes) {
                var entry = in.getNextEntry();
                assertEquals("s" + size + ".png", entry.getName());
                assertEquals(
                        Date.from(Instant.parse("1980-01-01T00:00:00Z")),
                        entry.getLastModifiedDate());
                assertEquals(0, entry.getLongUserId() + entry.getLongGroupId());
                assertEquals(0644, entry.getMode() & 0777);
                assertArrayEquals(bytes(size), in.readAllBytes());
            }
            assertNull(in.getNextEntry());
        }
    }

    @Test
    void namesThatTheFormCannotHoldAreRefused() throws IOException {
        try (var tar = new TarWriter(folder.resolve("a.tar"))) {
            for (var name : new String[] {"x".repeat(101), "a b", "\u00e9"}) {
                assertThrows(IllegalArgumentException.class, () -> tar.add(name, new byte[1]));
            }
        }
    }

    private static byte[] bytes(int size) {
        var bytes = new byte[size];
        for (var i = 0; i < size; i++) {
            bytes[i] = (byte) (i * 31 + size);
        }
        return bytes;
    }
}
