package io.mitune.app.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Where an answer is not as the API's description says: a type, a field that is missing, one that
 * is not described. As much of JSON Schema as the description uses. Pure.
 */
final class SchemaFaults {
    private final JsonNode document;
    private final List<String> faults = new ArrayList<>();

    private SchemaFaults(JsonNode document) {
        this.document = document;
    }

    /** One line for each fault. */
    static List<String> of(JsonNode document, String schema, JsonNode answer) {
        var check = new SchemaFaults(document);
        check.check(schema, document.at("/components/schemas/" + schema), answer);
        return check.faults;
    }

    private void check(String where, JsonNode schema, JsonNode value) {
        if (schema.has("$ref")) {
            check(where, document.at(schema.get("$ref").asText().substring(1)), value);
            return;
        }
        if (!isOneOf(schema.path("type"), value)) {
            faults.add(where + ": expected " + schema.path("type") + ", found " + value);
            return;
        }
        var allowed = new TreeSet<String>();
        schema.path("enum").forEach(choice -> allowed.add(choice.asText()));
        if (!allowed.isEmpty() && !allowed.contains(value.asText())) {
            faults.add(where + ": expected one of " + allowed + ", found " + value);
        }
        value.elements()
                .forEachRemaining(
                        item -> {
                            if (value.isArray() && schema.has("items")) {
                                check(where + "/*", schema.get("items"), item);
                            }
                        });
        if (value.isObject() && schema.has("properties")) {
            object(where, schema, value);
        }
    }

    private void object(String where, JsonNode schema, JsonNode value) {
        var described = schema.get("properties");
        for (var name : schema.path("required")) {
            if (!value.has(name.asText())) {
                faults.add(where + ": expected " + name + ", found none");
            }
        }
        for (var field : value.properties()) {
            var name = field.getKey();
            if (described.has(name)) {
                check(where + "/" + name, described.get(name), field.getValue());
            } else {
                faults.add(where + ": " + name + " is not described");
            }
        }
    }

    private static boolean isOneOf(JsonNode types, JsonNode value) {
        if (types.isArray()) {
            for (var type : types) {
                if (isA(type.asText(), value)) {
                    return true;
                }
            }
            return false;
        }
        return types.isMissingNode() || isA(types.asText(), value);
    }

    private static boolean isA(String type, JsonNode value) {
        return switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isTextual();
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            case "boolean" -> value.isBoolean();
            case "null" -> value.isNull();
            default -> throw new IllegalArgumentException(type);
        };
    }
}
