package io.mitune.app.tap;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;

/** Finds a field by its dotted path in a record as {@link TapRecords} writes it. Stateless. */
final class FieldPath {
    private FieldPath() {}

    /** The node; a missing node when there is none. */
    static JsonNode in(JsonNode record, String path) {
        var isEnvelope = FieldKind.isEnvelope(path) || path.equals("bytes") && record.has("bytes");
        return below(isEnvelope ? record : record.path("value"), path);
    }

    /** Names of headers and of a map's entries may have dots themselves. */
    private static JsonNode below(JsonNode node, String path) {
        if (node.has(path)) {
            return node.get(path);
        }
        var dot = path.indexOf('.');
        return dot < 0
                ? MissingNode.getInstance()
                : below(node.path(path.substring(0, dot)), path.substring(dot + 1));
    }
}
