package io.mitune.diffusion.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PngTest {
    @TempDir Path dir;

    static RgbImage picture(int width, int height) {
        var pixels = new byte[width * height * 3];
        new Random(5).nextBytes(pixels);
        return new RgbImage(width, height, pixels);
    }

    @Test
    void pictureAndTextComeBack() throws IOException {
        var text = new LinkedHashMap<String, String>();
        text.put("prompt", "a red circle, \u00fcber");
        text.put("negative prompt", "\u732b \ud83d\ude00\nsecond line");
        text.put("mi", "12.5");
        var image = picture(37, 21);
        Png.write(dir.resolve("a.png"), image, text);
        var content = Png.read(dir.resolve("a.png"));
        assertEquals(image, content.image());
        assertEquals(text, content.text());
        try (var files = Files.list(dir)) {
            assertEquals(1, files.count());
        }
    }

    /** Chunk types as other tools read them: length, type, key, zero byte, value. */
    @Test
    void latinTextIsAPlainChunk() {
        var bytes =
                new String(
                        Png.encode(picture(2, 2), Map.of("seed", "42")),
                        StandardCharsets.ISO_8859_1);
        assertTrue(bytes.contains("\0\0\0\7tEXtseed\00042"));
    }

    @Test
    void refusesBadKeysAndFiles() throws IOException {
        var image = picture(2, 2);
        for (var key : new String[] {"", " a", "\u00e9", "k".repeat(80), "a\nb"}) {
            assertThrows(
                    IllegalArgumentException.class, () -> Png.encode(image, Map.of(key, "v")), key);
        }
        var bytes = Png.encode(image, Map.of());
        for (var broken :
                new byte[][] {
                    new byte[0],
                    "GIF89a".getBytes(StandardCharsets.US_ASCII),
                    Arrays.copyOf(bytes, 40)
                }) {
            var error = assertThrows(IllegalArgumentException.class, () -> Png.decode(broken));
            assertTrue(error.getMessage().startsWith("png: not a readable PNG"));
        }
        bytes[16] = 0x7f; // width
        assertTrue(
                assertThrows(IllegalArgumentException.class, () -> Png.decode(bytes))
                        .getMessage()
                        .startsWith(
                                "png: expected at most 16384 pixels a side and 16777216 in all"));
        Files.write(dir.resolve("b.png"), new byte[3]);
        var error = assertThrows(IOException.class, () -> Png.read(dir.resolve("b.png")));
        assertTrue(error.getMessage().startsWith(dir.resolve("b.png") + ": png: not a readable"));
    }

    @Test
    void enlargingRepeatsPixels() {
        var image = picture(3, 2);
        var large = image.enlarged(4);
        assertEquals(12, large.width());
        assertEquals(8, large.height());
        assertEquals(image.value(2, 1, 0), large.value(11, 7, 0));
        assertEquals(image.value(1, 0, 2), large.value(4, 3, 2));
        assertEquals(image, RgbImage.of(image.toBufferedImage()));
        assertThrows(IllegalArgumentException.class, () -> new RgbImage(2, 2, new byte[11]));
    }
}
