package io.mitune.schemas.serde;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/**
 * The serde properties that a build comes with: none, or those of the profile {@code confluent},
 * which names Confluent's classes and puts them on the class path. Stateless.
 */
public final class DefaultSerde {
    private static final String FILE = "/mitune-serde.properties";

    private DefaultSerde() {}

    /** Empty but for a build with another serde. */
    public static Map<String, String> properties() {
        var named = new Properties();
        try (var in = DefaultSerde.class.getResourceAsStream(FILE)) {
            named.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(FILE + ": expected to read it from the class path", e);
        }
        var map = new HashMap<String, String>();
        for (String name : named.stringPropertyNames()) {
            if (!named.getProperty(name).isBlank()) {
                map.put(name, named.getProperty(name));
            }
        }
        return map;
    }
}
