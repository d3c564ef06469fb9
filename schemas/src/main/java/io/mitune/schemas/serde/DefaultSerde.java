package io.mitune.schemas.serde;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/**
 * The serde properties that a build comes with: none, or those of the profile {@code confluent},
 * which puts its file and Confluent's classes on the class path. Stateless.
 */
public final class DefaultSerde {
    private static final String FILE = "/mitune-serde.properties";

    private DefaultSerde() {}

    /** Empty but for a build with another serde. */
    public static Map<String, String> properties() {
        var map = new HashMap<String, String>();
        try (var in = DefaultSerde.class.getResourceAsStream(FILE)) {
            if (in != null) {
                var properties = new Properties();
                properties.load(in);
                properties.forEach((key, value) -> map.put(key.toString(), value.toString()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(FILE + ": expected to read it from the class path", e);
        }
        return map;
    }
}
