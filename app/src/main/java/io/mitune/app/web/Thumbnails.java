package io.mitune.app.web;

import java.awt.Color;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Small forms of PNG pictures, made when first asked for and kept while there is room.
 *
 * <p>A picture's size is looked at before it is decoded, and two are decoded at a time: a picture
 * from outside must not take the memory of the process. Thread-safe.
 */
public final class Thumbnails {
    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final int MAX_PIXELS = 64_000_000;
    private static final long MAX_CACHE_BYTES = 32 << 20;

    /** Where the whole picture comes from. */
    @FunctionalInterface
    public interface Source {
        byte[] png() throws IOException;
    }

    private final ByteCache cache = new ByteCache(MAX_CACHE_BYTES, 2);

    /** Whether these bytes begin as a PNG does. */
    public static boolean isPng(byte[] bytes) {
        return bytes.length > PNG.length && Arrays.equals(bytes, 0, PNG.length, PNG, 0, PNG.length);
    }

    /** At most so wide; a picture that is no wider stays as it is. */
    public byte[] get(String sha256, int width, Source source) throws IOException {
        return cache.get(sha256 + "/" + width, () -> scale(source.png(), width));
    }

    private static byte[] scale(byte[] png, int width) throws IOException {
        var image = read(png);
        if (image.getWidth() <= width) {
            return png;
        }
        var at = image;
        while (at.getWidth() > 2 * width) {
            at = draw(at, at.getWidth() / 2, Math.max(1, at.getHeight() / 2)); // keeps fine lines
        }
        int height = Math.max(1, Math.round((float) image.getHeight() * width / image.getWidth()));
        var out = new ByteArrayOutputStream();
        ImageIO.write(draw(at, width, height), "png", out);
        return out.toByteArray();
    }

    private static BufferedImage read(byte[] png) throws IOException {
        var readers = ImageIO.getImageReadersByFormatName("png");
        var reader = readers.next();
        try (var in = new MemoryCacheImageInputStream(new ByteArrayInputStream(png))) {
            reader.setInput(in, true, true);
            var pixels = (long) reader.getWidth(0) * reader.getHeight(0);
            if (pixels > MAX_PIXELS) {
                throw new IOException(
                        "picture: expected at most %d pixels, found %d"
                                .formatted(MAX_PIXELS, pixels));
            }
            return reader.read(0);
        } catch (RuntimeException e) {
            throw new IOException("picture: expected a PNG, found " + e, e);
        } finally {
            reader.dispose();
        }
    }

    private static BufferedImage draw(BufferedImage image, int width, int height) {
        var small = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        var pen = small.createGraphics();
        try {
            pen.setRenderingHint(
                    RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
            pen.drawImage(image, 0, 0, width, height, Color.WHITE, null);
        } finally {
            pen.dispose();
        }
        return small;
    }
}
