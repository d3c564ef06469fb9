package io.mitune.app.docs;

import java.util.Map;
import java.util.Optional;

/**
 * Other programs of the documentation that need not be installed, and how to see whether they are.
 */
final class Programs {
    private static final Map<String, String> OPTIONAL =
            Map.of(
                    "python3",
                    "python3 --version",
                    "docker",
                    "docker compose version",
                    "curl",
                    "curl --version",
                    "helm",
                    "helm version",
                    "kubeconform",
                    "kubeconform -v",
                    "hadolint",
                    "hadolint --version",
                    "groff",
                    "groff --version",
                    "man",
                    "man --version");

    private static final String CLIENT = "python3 -c 'import confluent_kafka.schema_registry.avro'";

    /** A shell line's exit status. */
    interface Shell {
        int run(String line) throws Exception;
    }

    private Programs() {}

    /** The first program of a line that is not there. */
    static Optional<String> missing(String line, Shell shell) throws Exception {
        for (var words : ShellWords.commands(line)) {
            var test = Optional.ofNullable(OPTIONAL.get(words.get(0)));
            if (test.isPresent() && shell.run(test.get()) != 0) {
                return Optional.of(test.get());
            }
        }
        // what reads the stream in Python does so with Confluent's client
        var reads = line.startsWith("python3") && line.contains("tools/");
        return reads && shell.run(CLIENT) != 0 ? Optional.of(CLIENT) : Optional.empty();
    }
}
