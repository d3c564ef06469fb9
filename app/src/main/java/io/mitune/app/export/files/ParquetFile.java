package io.mitune.app.export.files;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes a Parquet file: values PLAIN, uncompressed, one page a column and row group.
 *
 * <p>An export is pictures, which no codec makes smaller, so this needs neither dictionaries nor
 * codecs, and no library with Hadoop behind it. Column types: {@link ParquetColumn.Type}; each
 * column is optional, as other writers have it, but all values must be given. A row group is held
 * in memory until it has 16 MiB. The same rows give the same bytes. Belongs to one thread.
 */
public final class ParquetFile implements Closeable {
    static final int OPTIONAL = 1;
    static final int PLAIN = 0;
    static final int RLE = 3;

    private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
    private static final int UNCOMPRESSED = 0;
    private static final int GROUP_BYTES = 16 << 20;

    private final OutputStream out;
    private final List<ParquetColumn> columns;
    private final Map<String, String> metadata;
    private final List<CompactThrift> groups = new ArrayList<>();
    private List<ParquetPage> pages;
    private long written;
    private long rows;

    /**
     * Makes the file, which must not exist.
     *
     * @param columns in their order; members of a group stand together
     * @param metadata key and value pairs of the footer
     */
    public ParquetFile(Path file, List<ParquetColumn> columns, Map<String, String> metadata)
            throws IOException {
        this.columns = List.copyOf(columns);
        this.metadata = metadata;
        out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
        write(MAGIC);
        pages = columns.stream().map(ParquetPage::new).toList();
    }

    /** Adds a row: one value a column, none null. */
    public void add(List<?> row) throws IOException {
        if (row.size() != columns.size()) {
            throw new IllegalArgumentException(
                    "parquet: expected %d values, found %d".formatted(columns.size(), row.size()));
        }
        for (var i = 0; i < row.size(); i++) {
            pages.get(i).add(row.get(i));
        }
        if (buffered() >= GROUP_BYTES) {
            endGroup();
        }
    }

    /** Bytes so far, about. */
    public long size() {
        return written + buffered();
    }

    @Override
    public void close() throws IOException {
        try (out) {
            endGroup();
            var footer = footer().bytes();
            write(footer);
            write(
                    ByteBuffer.allocate(4)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putInt(footer.length)
                            .array());
            write(MAGIC);
        }
    }

    private long buffered() {
        return pages.stream().mapToLong(ParquetPage::size).sum();
    }

    private void endGroup() throws IOException {
        var count = pages.get(0).count();
        if (count == 0) {
            return;
        }
        var start = written;
        var chunks = new ArrayList<CompactThrift>();
        for (var page : pages) {
            var offset = written;
            write(page.bytes());
            var meta =
                    CompactThrift.struct()
                            .i32(1, page.column().type().physical())
                            .i32s(2, List.of(PLAIN, RLE))
                            .texts(3, page.column().path())
                            .i32(4, UNCOMPRESSED)
                            .i64(5, count)
                            .i64(6, written - offset)
                            .i64(7, written - offset)
                            .i64(9, offset);
            chunks.add(CompactThrift.struct().i64(2, offset).struct(3, meta));
        }
        groups.add(CompactThrift.struct().structs(1, chunks).i64(2, written - start).i64(3, count));
        rows += count;
        pages = columns.stream().map(ParquetPage::new).toList();
    }

    private CompactThrift footer() {
        var pairs = new ArrayList<CompactThrift>();
        metadata.forEach(
                (key, value) -> pairs.add(CompactThrift.struct().text(1, key).text(2, value)));
        return CompactThrift.struct()
                .i32(1, 1)
                .structs(2, schema())
                .i64(3, rows)
                .structs(4, groups)
                .structs(5, pairs)
                .text(6, "mitune");
    }

    private List<CompactThrift> schema() {
        var elements = new ArrayList<CompactThrift>();
        var tops = columns.stream().map(c -> c.path().get(0)).distinct().count();
        elements.add(CompactThrift.struct().text(4, "schema").i32(5, (int) tops));
        var group = "";
        for (var column : columns) {
            var top = column.path().get(0);
            if (column.path().size() == 2 && !top.equals(group)) {
                var members = columns.stream().filter(c -> c.path().get(0).equals(top)).count();
                elements.add(
                        CompactThrift.struct().i32(3, OPTIONAL).text(4, top).i32(5, (int) members));
                group = top;
            }
            elements.add(column.schema());
        }
        return elements;
    }

    private void write(byte[] bytes) throws IOException {
        out.write(bytes);
        written += bytes.length;
    }
}
