package io.mitune.streams.curator;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topics;
import io.mitune.streams.StreamsApp;
import io.mitune.streams.StreamsSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A curator in a process of its own, to be killed. */
final class CuratorProcess {
    static final CurationConfig CONFIG =
            new CurationConfig(
                    List.of(CurationPolicy.MI_MAX, CurationPolicy.RANDOM),
                    Duration.ofHours(1),
                    Duration.ofHours(2));

    /** What makes a take-over quick. */
    static final Map<String, String> EXTRA =
            Map.of(
                    "main.consumer.session.timeout.ms", "6000",
                    "main.consumer.heartbeat.interval.ms", "1500",
                    "producer.transaction.timeout.ms", "10000");

    private CuratorProcess() {}

    public static void main(String[] args) {
        var connection = new Connection(args[0], args[1], Topics.DEFAULT_PREFIX, Map.of());
        var settings = new StreamsSettings(connection, Path.of(args[2]), 2, EXTRA);
        var app = StreamsApp.start(CuratorTopology.role(connection, CONFIG), settings);
        app.ended().toCompletableFuture().join();
    }

    static Process start(Connection connection, Path stateDir, Path log) throws Exception {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CuratorProcess.class.getName(),
                        connection.bootstrapServers(),
                        connection.schemaRegistryUrl(),
                        stateDir.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }
}
