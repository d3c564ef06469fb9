package io.mitune.producers;

import java.io.IOException;
import java.io.InputStream;

/**
 * Splits a stream at line feeds and keeps at most a bounded head of each line, so that a file
 * without line breaks costs no memory. A carriage return before the line feed belongs to the break.
 * Not thread-safe.
 */
final class BoundedLines {
    private final InputStream in;
    private final byte[] buffer = new byte[1 << 16];
    private final byte[] head;
    private int position;
    private int limit;
    private int kept;
    private long length;
    private long number;

    BoundedLines(InputStream in, int maxBytes) {
        this.in = in;
        this.head = new byte[maxBytes];
    }

    /** Goes to the next line; false after the last. */
    boolean next() throws IOException {
        kept = 0;
        length = 0;
        int b = read();
        if (b < 0) {
            return false;
        }
        int last = -1;
        for (; b >= 0 && b != '\n'; b = read()) {
            if (kept < head.length) {
                head[kept++] = (byte) b;
            }
            length++;
            last = b;
        }
        if (last == '\r') {
            length--;
            kept = (int) Math.min(kept, length);
        }
        number++;
        return true;
    }

    private int read() throws IOException {
        if (position == limit) {
            limit = Math.max(0, in.read(buffer));
            position = 0;
        }
        return limit == 0 ? -1 : buffer[position++] & 0xFF;
    }

    /** From 1. */
    long number() {
        return number;
    }

    /** Bytes of the line without its break, also those that were not kept. */
    long length() {
        return length;
    }

    /** The first bytes of the line; overwritten by the next. */
    byte[] head() {
        return head;
    }

    int kept() {
        return kept;
    }
}
