package io.mitune.app.tap;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/** What a field of a record can be compared with. */
enum FieldKind {
    NUMBER,
    TEXT,
    FLAG,
    TIME,
    LIST,
    /** Names below are not known before: headers, entries of a map. */
    MAP;

    /** What every record has, whatever its topic. */
    private static final Map<String, FieldKind> ENVELOPE = envelope();

    /** The fields of a topic's records, by dotted path, the value's in the order of its schema. */
    static Map<String, FieldKind> of(Optional<Schema> value) {
        var fields = new LinkedHashMap<>(ENVELOPE);
        if (value.isPresent()) {
            addFields("", value.get(), fields);
        } else {
            fields.put("bytes", NUMBER);
        }
        return fields;
    }

    static boolean isEnvelope(String path) {
        return ENVELOPE.containsKey(path) || path.startsWith("headers.");
    }

    private static Map<String, FieldKind> envelope() {
        var fields = new LinkedHashMap<String, FieldKind>();
        fields.put("partition", NUMBER);
        fields.put("offset", NUMBER);
        fields.put("timestamp", TIME);
        fields.put("key", TEXT);
        fields.put("headers", MAP);
        fields.put("unreadable", TEXT);
        return fields;
    }

    private static void addFields(String prefix, Schema record, Map<String, FieldKind> fields) {
        for (var field : record.getFields()) {
            var schema = withoutNull(field.schema());
            var path = prefix + field.name();
            if (schema.getType() == Schema.Type.RECORD) {
                addFields(path + ".", schema, fields);
            } else {
                fields.putIfAbsent(path, of(schema));
            }
        }
    }

    private static FieldKind of(Schema schema) {
        if (schema.getLogicalType() instanceof LogicalTypes.TimestampMillis) {
            return TIME;
        }
        return switch (schema.getType()) {
            case INT, LONG, FLOAT, DOUBLE -> NUMBER;
            case BOOLEAN -> FLAG;
            case ARRAY -> LIST;
            case MAP -> MAP;
            default -> TEXT;
        };
    }

    private static Schema withoutNull(Schema schema) {
        if (schema.getType() != Schema.Type.UNION) {
            return schema;
        }
        return schema.getTypes().stream()
                .filter(s -> s.getType() != Schema.Type.NULL)
                .findFirst()
                .orElse(schema);
    }
}
