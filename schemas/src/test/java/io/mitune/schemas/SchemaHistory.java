package io.mitune.schemas;

import static org.apache.avro.SchemaCompatibility.SchemaCompatibilityType.COMPATIBLE;
import static org.apache.avro.SchemaCompatibility.checkReaderWriterCompatibility;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/** All versions that the schemas ever had. */
final class SchemaHistory {
    static final Path FOLDER = Path.of("src/test/resources/history");

    private SchemaHistory() {}

    /** The classes of the values of all topics. */
    static List<Class<?>> records() {
        return new Topics("")
                .all().stream()
                        .<Class<?>>map(Topic::type)
                        .filter(type -> type != byte[].class)
                        .distinct()
                        .toList();
    }

    /** The versions of a record, oldest first. */
    static List<Schema> of(Class<?> record) throws IOException {
        var versions = new ArrayList<Schema>();
        Path directory = FOLDER.resolve(record.getSimpleName());
        Path file = directory.resolve("v1.avsc");
        while (Files.exists(file)) {
            versions.add(new Schema.Parser().parse(file.toFile()));
            file = directory.resolve("v" + (versions.size() + 1) + ".avsc");
        }
        return versions;
    }

    /** What stands against these versions under FULL_TRANSITIVE: each must read each other. */
    static List<String> objections(List<Schema> versions) {
        var objections = new ArrayList<String>();
        for (int reader = 0; reader < versions.size(); reader++) {
            for (int writer = 0; writer < versions.size(); writer++) {
                var result =
                        checkReaderWriterCompatibility(versions.get(reader), versions.get(writer));
                if (result.getType() != COMPATIBLE) {
                    objections.add("v%d reads v%d: %s".formatted(reader + 1, writer + 1, result));
                }
            }
        }
        return objections;
    }

    /** A change that nobody may make: old records do not have the field. */
    static Schema withFieldWithoutDefault(Schema schema) {
        String field = "{\"name\":\"newcomer\",\"type\":\"int\"}";
        return new Schema.Parser()
                .parse(schema.toString().replace("\"fields\":[", "\"fields\":[" + field + ","));
    }
}
