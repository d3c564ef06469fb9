package io.mitune.streams.runs;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topics;
import io.mitune.streams.StreamsApp;
import io.mitune.streams.StreamsSettings;
import java.nio.file.Path;
import java.util.Map;

/** A keeper of runs in a process of its own, to be killed. */
final class RunsProcess {
    /** What makes a take-over quick. */
    private static final Map<String, String> EXTRA =
            Map.of(
                    "main.consumer.session.timeout.ms", "6000",
                    "main.consumer.heartbeat.interval.ms", "1500",
                    "producer.transaction.timeout.ms", "10000");

    private RunsProcess() {}

    public static void main(String[] args) {
        var connection = new Connection(args[0], args[1], Topics.DEFAULT_PREFIX, Map.of());
        var settings = new StreamsSettings(connection, Path.of(args[2]), 2, EXTRA);
        var app = StreamsApp.start(RunsTopology.role(connection), settings);
        app.ended().toCompletableFuture().join();
    }

    static Process start(Connection connection, Path stateDir, Path log) throws Exception {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RunsProcess.class.getName(),
                        connection.bootstrapServers(),
                        connection.schemaRegistryUrl(),
                        stateDir.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }
}
