package io.mitune.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Broker and registry together: what a single-process run or an integration test needs.
 *
 * <p>Start and close belong to one thread.
 */
public final class EmbeddedStack implements AutoCloseable {
    private final EmbeddedKafka kafka;
    private final EmbeddedRegistry registry;
    private final Optional<Path> temporary;

    private EmbeddedStack(
            EmbeddedKafka kafka, EmbeddedRegistry registry, Optional<Path> temporary) {
        this.kafka = kafka;
        this.registry = registry;
        this.temporary = temporary;
    }

    /** On free ports, in a new directory that is deleted at the end. */
    public static EmbeddedStack temporary() {
        try {
            Path directory = Files.createTempDirectory("mitune-");
            return start(directory, 0, 0, Optional.of(directory));
        } catch (IOException e) {
            throw new EmbeddedException("temporary directory: expected one to write to", e);
        }
    }

    /**
     * On free ports, with the data in {@code directory}/kafka and {@code directory}/registry.log.
     */
    public static EmbeddedStack in(Path directory) {
        return start(directory, 0, 0, Optional.empty());
    }

    /**
     * With the data in {@code directory}.
     *
     * @param kafkaPort 0 for any free one
     * @param registryPort 0 for any free one
     */
    public static EmbeddedStack in(Path directory, int kafkaPort, int registryPort) {
        return start(directory, kafkaPort, registryPort, Optional.empty());
    }

    public String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    public String schemaRegistryUrl() {
        return registry.url();
    }

    @Override
    public void close() {
        registry.close();
        kafka.close();
        temporary.ifPresent(EmbeddedStack::delete);
    }

    private static EmbeddedStack start(
            Path directory, int kafkaPort, int registryPort, Optional<Path> temporary) {
        var kafka = EmbeddedKafka.start(directory.resolve("kafka"), kafkaPort, Map.of());
        try {
            Path file = directory.resolve("registry.log");
            var registry = EmbeddedRegistry.start(file, registryPort);
            return new EmbeddedStack(kafka, registry, temporary);
        } catch (RuntimeException e) {
            kafka.close();
            throw e;
        }
    }

    private static void delete(Path directory) {
        try (var files = Files.walk(directory)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new EmbeddedException(
                    "temporary directory " + directory + ": expected to delete it", e);
        }
    }
}
