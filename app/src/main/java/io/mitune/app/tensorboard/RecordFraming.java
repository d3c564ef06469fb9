package io.mitune.app.tensorboard;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The frame of each record in a TFRecord file: length, its checksum, bytes, their checksum.
 *
 * <p>The checksum is CRC-32C, rotated and shifted by a constant so that it may be stored beside
 * what it covers (TensorFlow, lib/io/record_writer.h). All numbers are little-endian. Stateless.
 */
final class RecordFraming {
    private static final int MAX_BYTES = 16 << 20;
    private static final int MASK_DELTA = 0xa282ead8;

    private RecordFraming() {}

    static void write(OutputStream out, byte[] bytes) throws IOException {
        var framed =
                ByteBuffer.allocate(bytes.length + 2 * Integer.BYTES + Long.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
        framed.putLong(bytes.length);
        framed.putInt(masked(framed.array(), Long.BYTES));
        framed.put(bytes);
        framed.putInt(masked(bytes, bytes.length));
        out.write(framed.array());
    }

    /** The next record; nothing at the end, or where the file was cut off or damaged. */
    static Optional<byte[]> read(DataInputStream in) throws IOException {
        try {
            var length = new byte[Long.BYTES];
            in.readFully(length);
            long size = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
            if (number(in) != masked(length, Long.BYTES) || size < 0 || size > MAX_BYTES) {
                return Optional.empty();
            }
            var bytes = new byte[(int) size];
            in.readFully(bytes);
            return number(in) == masked(bytes, bytes.length)
                    ? Optional.of(bytes)
                    : Optional.empty();
        } catch (EOFException e) {
            return Optional.empty();
        }
    }

    private static int number(DataInputStream in) throws IOException {
        return Integer.reverseBytes(in.readInt());
    }

    private static int masked(byte[] bytes, int length) {
        var crc = new CRC32C();
        crc.update(bytes, 0, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
    }
}
