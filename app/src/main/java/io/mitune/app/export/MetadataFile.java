package io.mitune.app.export;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** {@code metadata.jsonl}, which Hugging Face's imagefolder joins to the pictures. */
final class MetadataFile implements Closeable {
    private final BufferedWriter out;

    MetadataFile(Path folder) throws IOException {
        out = Files.newBufferedWriter(folder.resolve("metadata.jsonl"));
    }

    void add(Map<String, String> paths, Map<String, Object> values) throws IOException {
        var row = JsonNodeFactory.instance.objectNode();
        paths.forEach(row::put);
        row.setAll(json(values));
        out.write(row + "\n");
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    /** The values as a JSON object; a number that is none is null, which every reader takes. */
    static ObjectNode json(Map<String, Object> values) {
        var row = JsonNodeFactory.instance.objectNode();
        values.forEach(
                (name, value) -> {
                    if (value instanceof Double number && !Double.isFinite(number)) {
                        row.putNull(name);
                    } else {
                        row.putPOJO(name, value);
                    }
                });
        return row;
    }
}
