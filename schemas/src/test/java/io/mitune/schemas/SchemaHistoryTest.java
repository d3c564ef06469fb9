package io.mitune.schemas;

import static org.apache.avro.SchemaCompatibility.SchemaCompatibilityType.COMPATIBLE;
import static org.apache.avro.SchemaCompatibility.checkReaderWriterCompatibility;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.mitune.schemas.serde.PlainSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaFormatter;
import org.apache.avro.specific.SpecificData;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** FULL_TRANSITIVE: every version that ever was reads what every other one wrote. */
class SchemaHistoryTest {
    private static final Path HISTORY = Path.of("src/test/resources/history");

    static List<Class<?>> records() {
        return new Topics("")
                .all().stream()
                        .<Class<?>>map(Topic::type)
                        .filter(type -> type != byte[].class)
                        .distinct()
                        .toList();
    }

    @ParameterizedTest
    @MethodSource("records")
    void theHistoryEndsWithTheSchemaInUse(Class<?> record) throws IOException {
        Schema current = PlainSchema.of(SpecificData.get().getSchema(record));
        List<Schema> history = history(record);
        if (history.isEmpty() || !history.get(history.size() - 1).equals(current)) {
            fail(
                    "%s changed: put this into %s/v%d.avsc%n%s"
                            .formatted(
                                    record.getSimpleName(),
                                    HISTORY.resolve(record.getSimpleName()),
                                    history.size() + 1,
                                    SchemaFormatter.format("json/pretty", current)));
        }
    }

    @ParameterizedTest
    @MethodSource("records")
    void allVersionsReadEachOther(Class<?> record) throws IOException {
        List<Schema> history = history(record);
        for (int reader = 0; reader < history.size(); reader++) {
            for (int writer = 0; writer < history.size(); writer++) {
                var result =
                        checkReaderWriterCompatibility(history.get(reader), history.get(writer));
                assertEquals(
                        COMPATIBLE,
                        result.getType(),
                        "v%d reads v%d: %s".formatted(reader + 1, writer + 1, result));
            }
        }
    }

    private static List<Schema> history(Class<?> record) throws IOException {
        var versions = new ArrayList<Schema>();
        Path directory = HISTORY.resolve(record.getSimpleName());
        Path file = directory.resolve("v1.avsc");
        while (Files.exists(file)) {
            versions.add(new Schema.Parser().parse(file.toFile()));
            file = directory.resolve("v" + (versions.size() + 1) + ".avsc");
        }
        return versions;
    }
}
