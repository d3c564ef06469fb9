package io.mitune.schemas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.mitune.schemas.serde.PlainSchema;
import java.io.IOException;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaFormatter;
import org.apache.avro.specific.SpecificData;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** FULL_TRANSITIVE: every version that ever was reads what every other one wrote. */
class SchemaHistoryTest {
    @ParameterizedTest
    @MethodSource("io.mitune.schemas.SchemaHistory#records")
    void theHistoryEndsWithTheSchemaInUse(Class<?> record) throws IOException {
        Schema current = PlainSchema.of(SpecificData.get().getSchema(record));
        List<Schema> history = SchemaHistory.of(record);
        if (history.isEmpty() || !history.get(history.size() - 1).equals(current)) {
            fail(
                    "%s changed: put this into %s/v%d.avsc%n%s"
                            .formatted(
                                    record.getSimpleName(),
                                    SchemaHistory.FOLDER.resolve(record.getSimpleName()),
                                    history.size() + 1,
                                    SchemaFormatter.format("json/pretty", current)));
        }
    }

    @ParameterizedTest
    @MethodSource("io.mitune.schemas.SchemaHistory#records")
    void allVersionsReadEachOther(Class<?> record) throws IOException {
        assertEquals(List.of(), SchemaHistory.objections(SchemaHistory.of(record)));
    }

    /** The check itself: each of these changes would lose records. */
    @ParameterizedTest
    @MethodSource("io.mitune.schemas.SchemaHistory#records")
    void incompatibleChangesAreFound(Class<?> record) throws IOException {
        Schema current = PlainSchema.of(SpecificData.get().getSchema(record));
        var withoutDefault = SchemaHistory.withFieldWithoutDefault(current);
        assertFalse(SchemaHistory.objections(List.of(current, withoutDefault)).isEmpty());
        String first = current.getFields().get(0).name();
        var renamed = replaced(current, "\"name\":\"" + first + "\"", "\"name\":\"other\"");
        assertFalse(SchemaHistory.objections(List.of(current, renamed)).isEmpty());
        var narrowed =
                replaced(
                        current,
                        "\"name\":\"" + first + "\",\"type\":\"string\"",
                        "\"name\":\"" + first + "\",\"type\":\"int\"");
        assertFalse(SchemaHistory.objections(List.of(current, narrowed)).isEmpty());
    }

    private static Schema replaced(Schema schema, String what, String by) {
        String text = schema.toString();
        assertTrue(text.contains(what), what);
        return new Schema.Parser().parse(text.replace(what, by));
    }
}
