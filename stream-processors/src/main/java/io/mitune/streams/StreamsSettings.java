package io.mitune.streams;

import io.mitune.schemas.Connection;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where and how a topology runs. Immutable.
 *
 * @param connection cluster and registry
 * @param stateDir parent of the local stores; they are caches of the changelog topics
 * @param threads stream threads of this instance; more than partitions are idle
 * @param extra Kafka Streams properties in their own names; they win
 */
public record StreamsSettings(
        Connection connection, Path stateDir, int threads, Map<String, String> extra) {

    public StreamsSettings {
        if (threads < 1) {
            throw new IllegalArgumentException(
                    "stream threads: expected 1 or more, found " + threads);
        }
        extra = Map.copyOf(extra);
    }

    /** One thread and no extra properties. */
    public static StreamsSettings of(Connection connection, Path stateDir) {
        return new StreamsSettings(connection, stateDir, 1, Map.of());
    }
}
