package io.mitune.schemas.blobs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalCopiesTest {
    @TempDir Path dir;

    private final AtomicInteger reads = new AtomicInteger();

    @Test
    void readsOnceAndKeepsTheFile() throws IOException {
        var copies = new LocalCopies(dir, 100);
        Path first = copies.file("a", () -> bytes(40));
        assertArrayEquals(new byte[40], Files.readAllBytes(first));
        assertEquals(first, copies.file("a", () -> bytes(40)));
        assertEquals(1, reads.get());
    }

    @Test
    void theLeastRecentlyUsedGo() throws IOException {
        var copies = new LocalCopies(dir, 100);
        Path a = copies.file("a", () -> bytes(40));
        Path b = copies.file("b", () -> bytes(40));
        copies.file("a", () -> bytes(40));
        Path c = copies.file("c", () -> bytes(40));
        assertTrue(Files.exists(a) && Files.exists(c));
        assertFalse(Files.exists(b));
        Path large = copies.file("large", () -> bytes(1000));
        assertEquals(1000, Files.size(large));
        assertFalse(Files.exists(a) || Files.exists(c));
    }

    @Test
    void aReadThatFailsLeavesNothing() throws IOException {
        var copies = new LocalCopies(dir, 100);
        LocalCopies.Source broken =
                () -> {
                    throw new IOException("gone");
                };
        assertThrows(IOException.class, () -> copies.file("a", broken));
        assertEquals(40, Files.size(copies.file("a", () -> bytes(40))));
    }

    @Test
    void anotherOfThisProcessIsLeftAlone() throws IOException {
        Path kept = new LocalCopies(dir, 100).file("a", () -> bytes(40));
        new LocalCopies(dir, 100).file("b", () -> bytes(40));
        assertTrue(Files.exists(kept));
    }

    private byte[] bytes(int count) {
        reads.incrementAndGet();
        return new byte[count];
    }
}
