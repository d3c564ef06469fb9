package io.mitune.diffusion.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A PNG file as the list of chunks that it is, each length, type, data and checksum.
 *
 * <p>Needed because the platform's reader unpacks every text and colour profile that a file has,
 * and a few kilobytes of them can grow to gigabytes. Stateless.
 */
final class PngChunks {
    private static final int SIGNATURE = 8;
    private static final int BEFORE_DATA = 8;
    private static final int CRC = 4;
    private static final byte PACKED = 1;

    private PngChunks() {}

    /** The file without what is packed beside its pixels; cut before a chunk that is not whole. */
    static byte[] withoutPackedTexts(byte[] png) {
        var kept = new ByteArrayOutputStream(png.length);
        kept.write(png, 0, Math.min(SIGNATURE, png.length));
        var bytes = ByteBuffer.wrap(png);
        int at = SIGNATURE;
        while (at + BEFORE_DATA + CRC <= png.length) {
            int length = bytes.getInt(at);
            if (length < 0 || length > png.length - at - BEFORE_DATA - CRC) {
                break;
            }
            if (!isPackedText(png, at, length)) {
                kept.write(png, at, BEFORE_DATA + length + CRC);
            }
            at += BEFORE_DATA + length + CRC;
        }
        return kept.toByteArray();
    }

    private static boolean isPackedText(byte[] png, int at, int length) {
        var type = new String(png, at + Integer.BYTES, Integer.BYTES, StandardCharsets.US_ASCII);
        return switch (type) {
            case "zTXt", "iCCP" -> true;
            case "iTXt" -> {
                int end = at + BEFORE_DATA + length;
                int zero = at + BEFORE_DATA; // after the keyword comes whether the text is packed
                while (zero < end && png[zero] != 0) {
                    zero++;
                }
                yield zero + 1 >= end || png[zero + 1] == PACKED;
            }
            default -> false;
        };
    }
}
