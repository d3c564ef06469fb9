package io.mitune.app.tap;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Records as CSV by RFC 4180. The columns are all fields in the order of the schema, so they depend
 * on the topic alone; lists and maps are JSON in one cell. Immutable.
 *
 * @param columns dotted paths
 */
record TapCsv(List<String> columns) implements TapFormat {
    static TapCsv of(Map<String, FieldKind> fields) {
        return new TapCsv(List.copyOf(fields.keySet()));
    }

    @Override
    public List<String> header() {
        return List.of(columns.stream().map(TapCsv::cell).collect(Collectors.joining(",")));
    }

    @Override
    public String line(JsonNode record) {
        return columns.stream()
                .map(column -> FieldPath.in(record, column))
                .map(TapCsv::text)
                .map(TapCsv::cell)
                .collect(Collectors.joining(","));
    }

    private static String text(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return "";
        }
        return node.isContainerNode() ? node.toString() : node.asText();
    }

    static String cell(String text) {
        return text.matches("(?s).*[\",\\r\\n].*") ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }
}
