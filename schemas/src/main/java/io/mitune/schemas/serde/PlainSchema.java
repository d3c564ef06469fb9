package io.mitune.schemas.serde;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.avro.Schema;

/**
 * A generated class's schema as its author wrote it.
 *
 * <p>The code generator marks every string with {@code avro.java.string}; registered like that, the
 * schema would differ from the one that a Python program registers from the same file. Thread-safe.
 */
public final class PlainSchema {
    private static final ObjectMapper JSON = new ObjectMapper();

    private PlainSchema() {}

    /** The schema without {@code avro.java.string}. */
    public static Schema of(Schema generated) {
        try {
            JsonNode plain = strip(JSON.readTree(generated.toString()));
            return new Schema.Parser().parse(plain.toString());
        } catch (JsonProcessingException e) {
            throw new AssertionError("a schema prints as JSON", e);
        }
    }

    private static JsonNode strip(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.remove("avro.java.string");
            if (object.size() == 1 && object.path("type").isTextual()) {
                return object.get("type");
            }
            object.properties().forEach(field -> field.setValue(strip(field.getValue())));
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                array.set(i, strip(array.get(i)));
            }
        }
        return node;
    }
}
