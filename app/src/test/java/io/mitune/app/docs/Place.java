package io.mitune.app.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Where commands find broker, registry and blobs: what a user has exported. Immutable.
 *
 * @param environment names and values
 * @param brokers how many there are
 */
record Place(Map<String, String> environment, int brokers) {
    static final String KAFKA = "MITUNE_BOOTSTRAP_SERVER";
    static final String REGISTRY = "MITUNE_SCHEMA_REGISTRY_URL";
    static final String BLOBS = "MITUNE_BLOBS";
    static final String PREFIX = "MITUNE_TOPIC_PREFIX";

    private static final Map<String, String> OPTIONS =
            Map.of(
                    KAFKA, "--bootstrap-server",
                    REGISTRY, "--schema-registry-url",
                    BLOBS, "--blobs",
                    PREFIX, "--topic-prefix");

    static Place of(String kafka, String registry, String blobs) {
        return new Place(Map.of(KAFKA, kafka, REGISTRY, registry, BLOBS, blobs), 1);
    }

    Place with(String name, String value) {
        var all = new TreeMap<>(environment);
        all.put(name, value);
        return new Place(all, brokers);
    }

    Place withBrokers(int brokers) {
        return new Place(environment, brokers);
    }

    String get(String name) {
        return environment.get(name);
    }

    /** The same as options, for a command in the test's own process. */
    List<String> options(CommandSpec spec, List<String> given) {
        var words = new ArrayList<String>();
        OPTIONS.forEach(
                (name, option) -> {
                    if (environment.containsKey(name)
                            && spec.findOption(option) != null
                            && !given.contains(option)) {
                        words.addAll(List.of(option, get(name)));
                    }
                });
        return words;
    }
}
