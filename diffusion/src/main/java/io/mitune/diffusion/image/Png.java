package io.mitune.diffusion.image;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import org.w3c.dom.Node;

/**
 * PNG files with text chunks, so that a picture carries the prompt, seed and score it came from.
 *
 * <p>Plain Latin-1 goes into tEXt chunks, anything else into iTXt (UTF-8). Stateless.
 */
public final class Png {
    private static final String FORMAT = "javax_imageio_png_1.0";
    static final int MAX_SIDE = 16384;

    /** Of a picture that is read: the largest that is ever drawn, 4096 x 4096. */
    static final long MAX_PIXELS = 1L << 24;

    private static final int MAX_KEY = 79;

    /** The last chunk: no data, IEND, its checksum. */
    private static final byte[] END = HexFormat.of().parseHex("0000000049454e44ae426082");

    static {
        ImageIO.setUseCache(false); // no temporary files
    }

    private Png() {}

    /**
     * What a file holds.
     *
     * @param image the picture
     * @param text its text chunks, in order
     */
    public record Content(RgbImage image, Map<String, String> text) {}

    /** Writes a file whole or not at all. */
    public static void write(Path file, RgbImage image, Map<String, String> text)
            throws IOException {
        var partial = file.resolveSibling(file.getFileName() + ".partial");
        try {
            Files.write(partial, encode(image, text));
            Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    /** The bytes of a PNG file. */
    public static byte[] encode(RgbImage image, Map<String, String> text) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        var bytes = new ByteArrayOutputStream();
        try (var out = ImageIO.createImageOutputStream(bytes)) {
            var buffered = image.toBufferedImage();
            var parameters = writer.getDefaultWriteParam();
            var metadata =
                    writer.getDefaultImageMetadata(
                            ImageTypeSpecifier.createFromRenderedImage(buffered), parameters);
            if (!text.isEmpty()) {
                metadata.mergeTree(FORMAT, textTree(text));
            }
            writer.setOutput(out);
            writer.write(null, new IIOImage(buffered, null, metadata), parameters);
        } catch (IOException e) {
            throw new IllegalStateException("png: " + e.getMessage(), e); // memory does not fail
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    /** Whether a file ends as a PNG does: what a crash cut short does not. Reads a few bytes. */
    public static boolean isWhole(Path file) throws IOException {
        try (var channel = FileChannel.open(file)) {
            var end = ByteBuffer.allocate(END.length);
            channel.position(Math.max(0, channel.size() - END.length));
            while (end.hasRemaining() && channel.read(end) >= 0) {
                continue;
            }
            return Arrays.equals(end.array(), END);
        }
    }

    /** Reads a file. */
    public static Content read(Path file) throws IOException {
        try {
            return decode(Files.readAllBytes(file));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads the bytes of a PNG file.
     *
     * @throws IllegalArgumentException in one line, when they are not a PNG of sane size
     */
    public static Content decode(byte[] bytes) {
        ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
        byte[] safe = PngChunks.withoutPackedTexts(bytes);
        try (var in = ImageIO.createImageInputStream(new ByteArrayInputStream(safe))) {
            reader.setInput(in);
            int width = reader.getWidth(0);
            int height = reader.getHeight(0);
            if (width > MAX_SIDE || height > MAX_SIDE || (long) width * height > MAX_PIXELS) {
                throw new IllegalArgumentException(
                        "png: expected at most %d pixels a side and %d in all, found %d x %d"
                                .formatted(MAX_SIDE, MAX_PIXELS, width, height));
            }
            var image = RgbImage.of(reader.read(0));
            return new Content(image, textOf(reader.getImageMetadata(0)));
        } catch (IOException | RuntimeException e) {
            if (e instanceof IllegalArgumentException && e.getMessage().startsWith("png: ")) {
                throw (IllegalArgumentException) e;
            }
            throw new IllegalArgumentException(
                    "png: not a readable PNG (" + bytes.length + " bytes): " + e.getMessage(), e);
        } finally {
            reader.dispose();
        }
    }

    private static IIOMetadataNode textTree(Map<String, String> text) {
        var root = new IIOMetadataNode(FORMAT);
        var plain = new IIOMetadataNode("tEXt");
        var international = new IIOMetadataNode("iTXt");
        text.forEach(
                (key, value) -> {
                    requireKey(key);
                    if (latin(value)) {
                        plain.appendChild(plainEntry(key, value));
                    } else {
                        international.appendChild(internationalEntry(key, value));
                    }
                });
        if (plain.hasChildNodes()) {
            root.appendChild(plain);
        }
        if (international.hasChildNodes()) {
            root.appendChild(international);
        }
        return root;
    }

    private static IIOMetadataNode plainEntry(String key, String value) {
        var entry = new IIOMetadataNode("tEXtEntry");
        entry.setAttribute("keyword", key);
        entry.setAttribute("value", value);
        return entry;
    }

    private static IIOMetadataNode internationalEntry(String key, String value) {
        var entry = new IIOMetadataNode("iTXtEntry");
        entry.setAttribute("keyword", key);
        entry.setAttribute("compressionFlag", "FALSE");
        entry.setAttribute("compressionMethod", "0");
        entry.setAttribute("languageTag", "");
        entry.setAttribute("translatedKeyword", "");
        entry.setAttribute("text", value.replace('\0', ' '));
        return entry;
    }

    private static void requireKey(String key) {
        boolean printable = key.chars().allMatch(c -> c >= ' ' && c <= '~');
        if (key.isEmpty() || key.length() > MAX_KEY || !printable || !key.equals(key.strip())) {
            throw new IllegalArgumentException(
                    "png: text key: expected 1 to %d printable characters, found '%s'"
                            .formatted(MAX_KEY, key));
        }
    }

    private static boolean latin(String value) {
        return value.indexOf('\0') < 0 && StandardCharsets.ISO_8859_1.newEncoder().canEncode(value);
    }

    private static Map<String, String> textOf(IIOMetadata metadata) {
        var text = new LinkedHashMap<String, String>();
        var chunks = metadata.getAsTree(FORMAT).getChildNodes();
        for (int i = 0; i < chunks.getLength(); i++) {
            var entries = chunks.item(i).getChildNodes();
            for (int k = 0; k < entries.getLength(); k++) {
                switch (entries.item(k).getNodeName()) {
                    case "tEXtEntry" -> put(text, entries.item(k), "value");
                    case "iTXtEntry", "zTXtEntry" -> put(text, entries.item(k), "text");
                    default -> {}
                }
            }
        }
        return text;
    }

    private static void put(Map<String, String> text, Node entry, String attribute) {
        var attributes = entry.getAttributes();
        text.put(
                attributes.getNamedItem("keyword").getNodeValue(),
                attributes.getNamedItem(attribute).getNodeValue());
    }
}
