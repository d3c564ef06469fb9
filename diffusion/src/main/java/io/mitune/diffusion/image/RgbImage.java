package io.mitune.diffusion.image;

import java.awt.image.BufferedImage;
import java.util.Arrays;

/**
 * A picture of 8-bit red, green and blue, row by row (height x width x 3).
 *
 * <p>The bytes are shared, not copied; whoever changes them changes the picture.
 */
public final class RgbImage {
    private final int width;
    private final int height;
    private final byte[] pixels;

    public RgbImage(int width, int height, byte[] pixels) {
        if (width < 1 || height < 1 || pixels.length != 3L * width * height) {
            throw new IllegalArgumentException(
                    "image: expected %d x %d x 3 bytes, found %d"
                            .formatted(width, height, pixels.length));
        }
        this.width = width;
        this.height = height;
        this.pixels = pixels;
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    /** Red, green and blue of each pixel, row by row. */
    public byte[] pixels() {
        return pixels;
    }

    /** One channel of one pixel, 0 to 255; channel 0 is red. */
    public int value(int x, int y, int channel) {
        return pixels[(y * width + x) * 3 + channel] & 0xff;
    }

    /** Each pixel repeated {@code factor} times in both directions. */
    public RgbImage enlarged(int factor) {
        int wide = Math.multiplyExact(width, factor);
        var target = new byte[Math.multiplyExact(3 * wide, height * factor)];
        for (int y = 0; y < height * factor; y++) {
            for (int x = 0; x < wide; x++) {
                int from = (y / factor * width + x / factor) * 3;
                System.arraycopy(pixels, from, target, (y * wide + x) * 3, 3);
            }
        }
        return new RgbImage(wide, height * factor, target);
    }

    /** The mean of each square of {@code factor} pixels a side; what is left at the edges goes. */
    public RgbImage reduced(int factor) {
        int wide = width / factor;
        int high = height / factor;
        int square = factor * factor;
        var target = new byte[3 * wide * high];
        for (int at = 0; at < target.length; at++) {
            int x = at / 3 % wide * factor;
            int y = at / 3 / wide * factor;
            int sum = square / 2;
            for (int i = 0; i < square; i++) {
                sum += value(x + i % factor, y + i / factor, at % 3);
            }
            target[at] = (byte) (sum / square);
        }
        return new RgbImage(wide, high, target);
    }

    /** A copy for java.awt. */
    public BufferedImage toBufferedImage() {
        var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        var row = new int[width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                row[x] = value(x, y, 0) << 16 | value(x, y, 1) << 8 | value(x, y, 2);
            }
            image.setRGB(0, y, width, 1, row, 0, width);
        }
        return image;
    }

    /** A copy of a java.awt picture; transparency is dropped. */
    public static RgbImage of(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        var pixels = new byte[Math.multiplyExact(3 * width, height)];
        var row = new int[width];
        for (int y = 0; y < height; y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int x = 0; x < width; x++) {
                int at = (y * width + x) * 3;
                pixels[at] = (byte) (row[x] >> 16);
                pixels[at + 1] = (byte) (row[x] >> 8);
                pixels[at + 2] = (byte) row[x];
            }
        }
        return new RgbImage(width, height, pixels);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RgbImage image
                && width == image.width
                && height == image.height
                && Arrays.equals(pixels, image.pixels);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * width + height) + Arrays.hashCode(pixels);
    }

    @Override
    public String toString() {
        return "RgbImage[" + width + " x " + height + "]";
    }
}
