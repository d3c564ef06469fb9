package io.mitune.app.export.files;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * Writes a POSIX ustar archive of plain files.
 *
 * <p>Owner, mode and time are always the same, so that the same files give the same archive on any
 * machine. Belongs to one thread.
 */
public final class TarWriter implements Closeable {
    private static final int BLOCK = 512;
    private static final int RECORD = 20 * BLOCK;
    private static final int MAX_NAME = 100;
    private static final long MAX_SIZE = (1L << 33) - 1;
    private static final long TIME = 315_532_800; // 1980-01-01

    private final OutputStream out;
    private long written;

    /** Makes the file, which must not exist. */
    public TarWriter(Path file) throws IOException {
        out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
    }

    /** Adds a file; its name is ASCII, at most 100 characters, with forward slashes. */
    public void add(String name, byte[] bytes) throws IOException {
        write(header(name, bytes.length));
        write(bytes);
        write(new byte[padding(written, BLOCK)]);
    }

    /** Bytes so far. */
    public long size() {
        return written;
    }

    @Override
    public void close() throws IOException {
        try (out) {
            write(new byte[2 * BLOCK]);
            write(new byte[padding(written, RECORD)]);
        }
    }

    private static byte[] header(String name, long size) {
        if (name.length() > MAX_NAME || !name.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new IllegalArgumentException(
                    "tar: expected an ASCII name of at most 100 characters, found " + name);
        }
        if (size > MAX_SIZE) {
            throw new IllegalArgumentException("tar: expected less than 8 GiB, found " + size);
        }
        var header = new byte[BLOCK];
        put(header, 0, name);
        put(header, 100, "0000644\0");
        put(header, 108, "0000000\0"); // uid
        put(header, 116, "0000000\0"); // gid
        put(header, 124, octal(size, 11) + "\0");
        put(header, 136, octal(TIME, 11) + "\0");
        put(header, 156, "0"); // a plain file
        put(header, 257, "ustar\00000");
        Arrays.fill(header, 148, 156, (byte) ' ');
        var sum = 0;
        for (var b : header) {
            sum += Byte.toUnsignedInt(b);
        }
        put(header, 148, octal(sum, 6) + "\0 ");
        return header;
    }

    private static String octal(long value, int digits) {
        return String.format(Locale.ROOT, "%0" + digits + "o", value);
    }

    private static void put(byte[] header, int at, String text) {
        var bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    private static int padding(long size, int unit) {
        return (int) ((unit - size % unit) % unit);
    }

    private void write(byte[] bytes) throws IOException {
        out.write(bytes);
        written += bytes.length;
    }
}
