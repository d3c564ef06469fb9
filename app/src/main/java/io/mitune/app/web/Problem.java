package io.mitune.app.web;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * One thing that is wrong with a request, in the form of every error of this program: where,
 * expected, found, hint. Empty texts are left out. Immutable.
 *
 * @param field which part of the request: a JSON pointer, a parameter, a header
 * @param hint what to do
 */
public record Problem(String field, String expected, String found, String hint) {
    private static final int MAX_SHOWN = 80;

    /** Without a hint. */
    public static Problem of(String field, String expected, String found) {
        return new Problem(field, expected, found, "");
    }

    /** The same with a hint. */
    public Problem withHint(String newHint) {
        return new Problem(field, expected, found, newHint);
    }

    /** Some other line, in the form of all error lines. */
    public static Problem line(String line) {
        return new Problem("", line, "", "");
    }

    /** A text of the request as an answer may repeat it: short, printable, in one line. */
    public static String shown(String text) {
        var line = text.replaceAll("[^ -~]+", "?");
        return line.length() <= MAX_SHOWN ? line : line.substring(0, MAX_SHOWN) + "...";
    }

    /** As one line. */
    public String text() {
        if (field.isEmpty() && found.isEmpty()) {
            return expected;
        }
        return field
                + ": expected "
                + expected
                + ", found "
                + found
                + (hint.isEmpty() ? "" : "; " + hint);
    }

    ObjectNode json() {
        var json = JsonNodeFactory.instance.objectNode().put("error", text());
        if (!field.isEmpty()) {
            json.put("field", field).put("expected", expected).put("found", found);
        }
        if (!hint.isEmpty()) {
            json.put("hint", hint);
        }
        return json;
    }
}
