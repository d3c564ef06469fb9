package io.mitune.embedded;

import static org.apache.avro.SchemaCompatibility.checkReaderWriterCompatibility;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;

/**
 * The registry's compatibility levels: whether a new schema may follow the ones before it.
 *
 * <p>BACKWARD: the new one reads what the old one wrote; FORWARD: the other way; FULL: both.
 * Against the latest version only, or, TRANSITIVE, against all of them.
 */
enum Compatibility {
    NONE(false, false, false),
    BACKWARD(true, false, false),
    BACKWARD_TRANSITIVE(true, false, true),
    FORWARD(false, true, false),
    FORWARD_TRANSITIVE(false, true, true),
    FULL(true, true, false),
    FULL_TRANSITIVE(true, true, true);

    private final boolean backward;
    private final boolean forward;
    private final boolean transitive;

    Compatibility(boolean backward, boolean forward, boolean transitive) {
        this.backward = backward;
        this.forward = forward;
        this.transitive = transitive;
    }

    static Compatibility named(String name) {
        return Arrays.stream(values())
                .filter(level -> level.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new RegistryProblem(
                                        422,
                                        42203,
                                        "compatibility: expected one of "
                                                + Arrays.toString(values())
                                                + ", found '"
                                                + name
                                                + "'"));
    }

    /**
     * What stands against {@code schema}; empty when it is compatible.
     *
     * @param before the versions so far, oldest first
     */
    List<String> objections(Schema schema, List<Schema> before) {
        int from = transitive ? 0 : Math.max(0, before.size() - 1);
        var objections = new ArrayList<String>();
        for (Schema old : before.subList(from, before.size())) {
            if (backward) {
                objections.addAll(mismatches(schema, old));
            }
            if (forward) {
                objections.addAll(mismatches(old, schema));
            }
        }
        return objections;
    }

    private static List<String> mismatches(Schema reader, Schema writer) {
        return checkReaderWriterCompatibility(reader, writer)
                .getResult()
                .getIncompatibilities()
                .stream()
                .map(i -> i.getType() + " at " + i.getLocation() + ": " + i.getMessage())
                .toList();
    }
}
