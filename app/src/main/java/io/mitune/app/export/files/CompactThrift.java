package io.mitune.app.export.files;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Thrift's compact protocol, as far as Parquet's headers need it: fields by ascending id.
 *
 * <p>Not thread-safe.
 */
final class CompactThrift {
    private static final int I32 = 5;
    private static final int I64 = 6;
    private static final int BINARY = 8;
    private static final int LIST = 9;
    private static final int STRUCT = 12;

    private final ByteArrayOutputStream out;
    private int last;

    private CompactThrift(ByteArrayOutputStream out) {
        this.out = out;
    }

    /** A struct's fields, to be ended by {@link #bytes}. */
    static CompactThrift struct() {
        return new CompactThrift(new ByteArrayOutputStream());
    }

    CompactThrift i32(int id, int value) {
        field(id, I32);
        zigzag(value);
        return this;
    }

    CompactThrift i64(int id, long value) {
        field(id, I64);
        zigzag(value);
        return this;
    }

    CompactThrift text(int id, String value) {
        field(id, BINARY);
        string(value);
        return this;
    }

    CompactThrift struct(int id, CompactThrift value) {
        field(id, STRUCT);
        out.writeBytes(value.bytes());
        return this;
    }

    CompactThrift structs(int id, List<CompactThrift> values) {
        return list(id, STRUCT, values, (thrift, value) -> thrift.out.writeBytes(value.bytes()));
    }

    CompactThrift texts(int id, List<String> values) {
        return list(id, BINARY, values, CompactThrift::string);
    }

    CompactThrift i32s(int id, List<Integer> values) {
        return list(id, I32, values, (thrift, value) -> thrift.zigzag(value));
    }

    /** The struct with its end. */
    byte[] bytes() {
        var ended = new ByteArrayOutputStream(out.size() + 1);
        ended.writeBytes(out.toByteArray());
        ended.write(0);
        return ended.toByteArray();
    }

    private <T> CompactThrift list(
            int id, int type, List<T> values, BiConsumer<CompactThrift, T> each) {
        field(id, LIST);
        if (values.size() < 15) {
            out.write(values.size() << 4 | type);
        } else {
            out.write(0xf0 | type);
            unsigned(values.size());
        }
        values.forEach(value -> each.accept(this, value));
        return this;
    }

    private void field(int id, int type) {
        var step = id - last;
        if (step < 1 || step > 15) {
            throw new IllegalArgumentException("thrift: field " + id + " after field " + last);
        }
        out.write(step << 4 | type);
        last = id;
    }

    private void string(String value) {
        var bytes = value.getBytes(StandardCharsets.UTF_8);
        unsigned(bytes.length);
        out.writeBytes(bytes);
    }

    private void zigzag(long value) {
        unsigned(value << 1 ^ value >> 63);
    }

    private void unsigned(long value) {
        var left = value;
        while ((left & ~0x7fL) != 0) {
            out.write((int) (left & 0x7f | 0x80));
            left >>>= 7;
        }
        out.write((int) left);
    }
}
