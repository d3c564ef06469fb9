package io.mitune.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Option;

/**
 * One convention for scripts: with {@code --json} the result is JSON on standard output, one object
 * a line, and everything else stays on standard error.
 */
public final class JsonOption {
    @Option(names = "--json", description = "Print the result as JSON, one object a line.")
    private boolean json;

    /** Whether it was asked for. */
    public boolean given() {
        return json;
    }

    /** Prints objects. */
    public static void print(Console console, Iterable<? extends JsonNode> objects) {
        objects.forEach(object -> console.print(object.toString()));
    }
}
