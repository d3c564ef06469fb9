package io.mitune.app.dashboard.state;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;

/** What all parts of the page's data have in common. Stateless. */
final class Json {
    private static final int MAX_TEXT = 300;
    private static final MathContext FOUR_DIGITS = new MathContext(4);
    private static final double DIGITS = 1e6;

    private Json() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }

    /** Sets a number to six decimal places, or null where it is none: JSON knows no NaN. */
    static void put(ObjectNode object, String name, double value) {
        if (!Double.isFinite(value)) {
            object.putNull(name);
        } else if (Math.abs(value) < 1e-3 || Math.abs(value) > 1e9) {
            object.put(name, value);
        } else {
            object.put(name, Math.rint(value * DIGITS) / DIGITS);
        }
    }

    /** Adds a number to four significant digits, or null where it is none. */
    static void add(ArrayNode list, double value) {
        if (!Double.isFinite(value)) {
            list.addNull();
        } else {
            list.add(new BigDecimal(value).round(FOUR_DIGITS).doubleValue());
        }
    }

    /** A text from outside, short enough to keep thousands of. */
    static String cut(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "...";
    }
}
