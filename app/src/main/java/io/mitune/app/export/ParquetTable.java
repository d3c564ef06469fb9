package io.mitune.app.export;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.app.export.files.ParquetColumn;
import io.mitune.app.export.files.ParquetColumn.Type;
import io.mitune.app.export.files.ParquetFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Parquet shards, {@code data/train-00000.parquet} and on, a row an item.
 *
 * <p>A file of the column {@code image} is Hugging Face's struct of bytes and path, which its
 * footer's features declare, so that it is shown as a picture; all other files are plain bytes.
 */
final class ParquetTable implements ItemWriter {
    private static final String PICTURE = "image";

    private final Path folder;
    private final long shardBytes;
    private Optional<ParquetFile> shard = Optional.empty();
    private int shards;

    ParquetTable(Path folder, long shardBytes) {
        this.folder = folder.resolve("data");
        this.shardBytes = shardBytes;
    }

    @Override
    public void add(Item item) throws IOException {
        if (shard.isPresent() && shard.get().size() + item.size() > shardBytes) {
            close();
        }
        if (shard.isEmpty()) {
            Files.createDirectories(folder);
            var name = String.format(Locale.ROOT, "train-%05d.parquet", shards++);
            var features = Map.of("huggingface", features(item).toString());
            shard = Optional.of(new ParquetFile(folder.resolve(name), columns(item), features));
        }
        shard.get().add(row(item));
    }

    @Override
    public void close() throws IOException {
        if (shard.isPresent()) {
            shard.get().close();
            shard = Optional.empty();
        }
    }

    private static List<ParquetColumn> columns(Item item) {
        var columns = new ArrayList<ParquetColumn>();
        for (var file : item.files()) {
            if (file.column().equals(PICTURE)) {
                columns.add(new ParquetColumn(List.of(PICTURE, "bytes"), Type.BINARY));
                columns.add(new ParquetColumn(List.of(PICTURE, "path"), Type.STRING));
            } else {
                columns.add(ParquetColumn.of(file.column(), Type.BINARY));
            }
        }
        item.values().forEach((name, value) -> columns.add(ParquetColumn.of(name, Type.of(value))));
        return columns;
    }

    private static List<Object> row(Item item) {
        var row = new ArrayList<Object>();
        for (var file : item.files()) {
            row.add(file.bytes());
            if (file.column().equals(PICTURE)) {
                row.add(item.name() + "." + file.ending());
            }
        }
        row.addAll(item.values().values());
        return row;
    }

    private static ObjectNode features(Item item) {
        var root = JsonNodeFactory.instance.objectNode();
        var features = root.putObject("info").putObject("features");
        for (var file : item.files()) {
            if (file.column().equals(PICTURE)) {
                features.putObject(PICTURE).put("_type", "Image");
            } else {
                value(features, file.column(), "binary");
            }
        }
        item.values().forEach((name, value) -> value(features, name, dtype(Type.of(value))));
        return root;
    }

    private static void value(ObjectNode features, String name, String dtype) {
        features.putObject(name).put("dtype", dtype).put("_type", "Value");
    }

    private static String dtype(Type type) {
        return switch (type) {
            case BOOLEAN -> "bool";
            case INT32 -> "int32";
            case INT64 -> "int64";
            case DOUBLE -> "float64";
            case BINARY -> "binary";
            case STRING -> "string";
        };
    }
}
