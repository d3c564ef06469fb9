package io.mitune.app.cli;

import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;

/** Turns the field name at the head of a message into the option that sets the field. Stateless. */
public final class OptionNames {
    private OptionNames() {}

    /** The same where the command has that option; other lines stay as they are. */
    public static String of(String fault, CommandSpec spec) {
        var named = of(fault);
        return spec.findOption(named.replaceFirst(":.*", "")) == null ? fault : named;
    }

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
