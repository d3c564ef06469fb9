package io.mitune.schemas;

import java.util.Map;
import java.util.Objects;

/**
 * One topic: its name, what its values are, and how it is created.
 *
 * <p>Writers, readers and topic creation all take it from here, so that a partition count or a
 * value type is stated once. Immutable.
 *
 * @param name full name, prefix included
 * @param type class of the values; keys are always UTF-8 strings
 * @param partitions partitions at creation
 * @param config topic configuration at creation, in Kafka's names
 */
public record Topic<V>(String name, Class<V> type, int partitions, Map<String, String> config) {
    public Topic {
        Objects.requireNonNull(type, "type");
        if (!name.matches("[A-Za-z0-9._-]{1,249}") || name.equals(".") || name.equals("..")) {
            throw new IllegalArgumentException(
                    "topic name: expected 1 to 249 letters, digits, dots, underscores or hyphens,"
                            + " found '"
                            + name
                            + "'");
        }
        if (partitions < 1) {
            throw new IllegalArgumentException(
                    "topic " + name + ": partitions: expected 1 or more, found " + partitions);
        }
        config = Map.copyOf(config);
    }

    /** Registry subject of the values (TopicNameStrategy). */
    public String subject() {
        return name + "-value";
    }
}
