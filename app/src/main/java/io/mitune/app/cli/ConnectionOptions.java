package io.mitune.app.cli;

import io.mitune.schemas.Connection;
import io.mitune.schemas.SecretReferences;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import picocli.CommandLine.Option;

/**
 * How to reach the cluster, the same for every role.
 *
 * <p>Order of precedence, the later winning: defaults, environment, {@code --kafka-config}, {@code
 * --kafka}. Client properties are passed on untouched, so any security set-up works, but that a
 * secret may be named instead of written down, see {@link SecretReferences}.
 */
public final class ConnectionOptions {
    private static final String FOR_EVER = "999999999";

    @Option(
            names = "--bootstrap-server",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:MITUNE_BOOTSTRAP_SERVER:-localhost:9092}",
            description =
                    "Kafka brokers, separated by commas (default: ${DEFAULT-VALUE}; environment"
                            + " MITUNE_BOOTSTRAP_SERVER).")
    private String bootstrapServer;

    @Option(
            names = "--schema-registry-url",
            paramLabel = "URL",
            defaultValue = "${env:MITUNE_SCHEMA_REGISTRY_URL:-http://localhost:8081}",
            description =
                    "Confluent-compatible schema registry (default: ${DEFAULT-VALUE}; environment"
                            + " MITUNE_SCHEMA_REGISTRY_URL).")
    private String schemaRegistryUrl;

    @Option(
            names = "--topic-prefix",
            paramLabel = "PREFIX",
            defaultValue = "${env:MITUNE_TOPIC_PREFIX:-mitune.}",
            description =
                    "Beginning of all topic names (default: ${DEFAULT-VALUE}; environment"
                            + " MITUNE_TOPIC_PREFIX).")
    private String topicPrefix;

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            description = "Properties for all Kafka and registry clients, one key=value a line.")
    private Optional<Path> kafkaConfig = Optional.empty();

    @Option(
            names = "--kafka",
            paramLabel = "KEY=VALUE",
            description =
                    "A property for Kafka and registry clients, over those of --kafka-config; may be repeated.")
    private Map<String, String> kafka = new LinkedHashMap<>();

    /** Checks the values and makes the connection; nothing is asked of the cluster yet. */
    public Connection connect() {
        return connect(topicPrefix);
    }

    /** The same cluster with another topic prefix. */
    public Connection connect(String topicPrefix) {
        return connect(topicPrefix, extra());
    }

    /**
     * As {@link #connect()}, for a role that works until it is stopped: it waits for a schema
     * registry that does not answer, however long, unless {@code max.retries} says otherwise.
     */
    public Connection connectPatiently() {
        var extra = extra();
        extra.putIfAbsent("max.retries", FOR_EVER);
        return connect(topicPrefix, extra);
    }

    /** As {@link #connect()}, to ask once: a registry that does not answer is an error at once. */
    public Connection connectImpatiently() {
        var extra = extra();
        extra.put("max.retries", "0");
        return connect(topicPrefix, extra);
    }

    private Connection connect(String topicPrefix, Map<String, String> extra) {
        return new Connection(
                bootstrapServer, schemaRegistryUrl, topicPrefix, SecretReferences.resolve(extra));
    }

    private Map<String, String> extra() {
        var extra = new HashMap<String, String>();
        kafkaConfig.ifPresent(file -> extra.putAll(read(file)));
        extra.putAll(kafka);
        return extra;
    }

    /** The beginning of all names. */
    public String topicPrefix() {
        return topicPrefix;
    }

    private static Map<String, String> read(Path file) {
        var properties = new Properties();
        try (var in = Files.newBufferedReader(file)) {
            properties.load(in);
        } catch (IOException | IllegalArgumentException e) {
            throw new UserError(
                    file
                            + ": expected a readable file of key=value lines, found "
                            + (Files.exists(file) ? ErrorLine.of(e) : "none"),
                    e);
        }
        var map = new HashMap<String, String>();
        properties.forEach((key, value) -> map.put(key.toString(), value.toString()));
        return map;
    }
}
