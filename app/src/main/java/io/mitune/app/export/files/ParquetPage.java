package io.mitune.app.export.files;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * The values of one column of a row group, encoded PLAIN, as one data page.
 *
 * <p>Every value is there, so that the definition levels are one run. Not thread-safe.
 */
final class ParquetPage {
    private static final int DATA_PAGE = 0;

    private final ParquetColumn column;
    private final ByteArrayOutputStream values = new ByteArrayOutputStream();
    private int count;

    ParquetPage(ParquetColumn column) {
        this.column = column;
    }

    ParquetColumn column() {
        return column;
    }

    int count() {
        return count;
    }

    int size() {
        return values.size();
    }

    void add(Object value) {
        switch (column.type()) {
            case BOOLEAN -> values.write((Boolean) value ? 1 : 0); // packed in bytes()
            case INT32 -> values.writeBytes(little(4).putInt((Integer) value).array());
            case INT64 -> values.writeBytes(little(8).putLong((Long) value).array());
            case DOUBLE -> values.writeBytes(little(8).putDouble((Double) value).array());
            case STRING -> binary(((String) value).getBytes(StandardCharsets.UTF_8));
            case BINARY -> binary((byte[]) value);
        }
        count++;
    }

    /** Header and content. */
    byte[] bytes() {
        var content = new ByteArrayOutputStream(values.size() + 16);
        var levels = levels();
        content.writeBytes(little(4).putInt(levels.length).array());
        content.writeBytes(levels);
        content.writeBytes(column.type() == ParquetColumn.Type.BOOLEAN ? packed() : all());
        var crc = new CRC32();
        crc.update(content.toByteArray());
        var data =
                CompactThrift.struct()
                        .i32(1, count)
                        .i32(2, ParquetFile.PLAIN)
                        .i32(3, ParquetFile.RLE)
                        .i32(4, ParquetFile.RLE);
        var header =
                CompactThrift.struct()
                        .i32(1, DATA_PAGE)
                        .i32(2, content.size())
                        .i32(3, content.size())
                        .i32(4, (int) crc.getValue())
                        .struct(5, data);
        var page = new ByteArrayOutputStream(content.size() + 64);
        page.writeBytes(header.bytes());
        page.writeBytes(content.toByteArray());
        return page.toByteArray();
    }

    /** One run: the count, shifted, as a variable-length number, then the level that all have. */
    private byte[] levels() {
        var run = new ByteArrayOutputStream(6);
        var left = count << 1;
        while ((left & ~0x7f) != 0) {
            run.write(left & 0x7f | 0x80);
            left >>>= 7;
        }
        run.write(left);
        run.write(column.path().size());
        return run.toByteArray();
    }

    private byte[] all() {
        return values.toByteArray();
    }

    /** Eight booleans a byte, the first in the lowest bit. */
    private byte[] packed() {
        var bits = new byte[(count + 7) / 8];
        var bytes = values.toByteArray();
        for (var i = 0; i < count; i++) {
            bits[i / 8] |= (byte) (bytes[i] << i % 8);
        }
        return bits;
    }

    private void binary(byte[] bytes) {
        values.writeBytes(little(4).putInt(bytes.length).array());
        values.writeBytes(bytes);
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
