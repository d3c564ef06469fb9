package io.mitune.app.cli;

import java.util.Locale;

/** Turns the field name at the head of a message into the option that sets the field. Stateless. */
final class OptionNames {
    private OptionNames() {}

    /** "numInferenceSteps: expected ..." becomes "--num-inference-steps: expected ...". */
    static String of(String fault) {
        var end = fault.indexOf(':');
        var field = fault.substring(0, Math.max(0, end));
        if (!field.matches("[a-z][A-Za-z]*")) {
            return fault;
        }
        var kebab = field.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
        return "--" + kebab + fault.substring(end);
    }
}
