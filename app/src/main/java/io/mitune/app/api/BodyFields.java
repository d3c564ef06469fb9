package io.mitune.app.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.mitune.app.web.Problem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Takes fields out of one JSON object and notes what is wrong with them, with JSON pointers, so
 * that all faults of a request are told at once. Fields that nobody took are faults, too. Not
 * thread-safe.
 */
public final class BodyFields {
    private static final Pattern LINE = Pattern.compile("[^:]+: expected (.*), found (.*)");

    private final JsonNode object;
    private final String pointer;
    private final List<Problem> problems;
    private final Set<String> known = new TreeSet<>();

    /**
     * @param pointer to the object; empty for the whole body
     * @param problems where faults go
     */
    public BodyFields(JsonNode object, String pointer, List<Problem> problems) {
        this.object = object;
        this.pointer = pointer;
        this.problems = problems;
        if (!object.isObject()) {
            fault("", "an object", shown(object));
        }
    }

    /** A field that is there and not null. */
    public Optional<JsonNode> find(String name) {
        known.add(name);
        return Optional.ofNullable(object.get(name)).filter(node -> !node.isNull());
    }

    String text(String name, String otherwise) {
        return find(name).map(node -> text(name, node, otherwise)).orElse(otherwise);
    }

    /** A whole number; outside the range it is a fault. */
    public long number(String name, long min, long max, long otherwise) {
        return find(name).map(node -> number(name, node, min, max)).orElse(otherwise);
    }

    double decimal(String name, double otherwise) {
        var node = find(name);
        if (node.isPresent() && !node.get().isNumber()) {
            fault(name, "a number", shown(node.get()));
            return otherwise;
        }
        return node.map(JsonNode::doubleValue).orElse(otherwise);
    }

    /** The fields of an object below this one; without any where it is absent. */
    BodyFields inner(String name) {
        var node = find(name).orElseGet(() -> JsonNodeFactory.instance.objectNode());
        return new BodyFields(node, pointer + "/" + name, problems);
    }

    /** How many faults were noted so far, in the whole request. */
    int faults() {
        return problems.size();
    }

    /** Notes a fault that another rule has found, in the form {@code name: expected X, found Y}. */
    void check(String name, Optional<String> line) {
        line.ifPresent(
                text -> {
                    var parts = LINE.matcher(text);
                    if (parts.matches()) {
                        fault(name, parts.group(1), parts.group(2));
                    } else {
                        fault(name, text, "this");
                    }
                });
    }

    /** Notes a fault of a field. */
    public void fault(String name, String expected, String found) {
        problems.add(Problem.of(pointer(name), expected, found));
    }

    String pointer(String name) {
        return name.isEmpty() ? (pointer.isEmpty() ? "body" : pointer) : pointer + "/" + name;
    }

    /** Notes the fields that are none of those asked for. */
    public void refuseOthers() {
        var others = new ArrayList<String>();
        object.fieldNames().forEachRemaining(others::add);
        others.removeAll(known);
        for (var name : others) {
            var escaped = name.replace("~", "~0").replace("/", "~1").replaceAll("\\p{Cntrl}", "?");
            var cut = escaped.length() <= 60 ? escaped : escaped.substring(0, 60) + "...";
            fault(cut, "one of " + String.join(", ", known), "an unknown field");
        }
    }

    private String text(String name, JsonNode node, String otherwise) {
        if (!node.isTextual()) {
            fault(name, "a text", shown(node));
            return otherwise;
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(node.textValue())) {
            fault(name, "Unicode text", "half of a surrogate pair");
            return otherwise;
        }
        return node.textValue();
    }

    private long number(String name, JsonNode node, long min, long max) {
        if (node.isIntegralNumber()
                && node.canConvertToLong()
                && node.longValue() >= min
                && node.longValue() <= max) {
            return node.longValue();
        }
        var range =
                min == Long.MIN_VALUE
                        ? "a whole number of 64 bits"
                        : "a whole number from " + min + " to " + max;
        fault(name, range, shown(node));
        return min == Long.MIN_VALUE ? 0 : min;
    }

    static String shown(JsonNode node) {
        var text = node.isContainerNode() ? node.getNodeType().name() : node.toString();
        return text.length() <= 60 ? text : text.substring(0, 60) + "...";
    }
}
