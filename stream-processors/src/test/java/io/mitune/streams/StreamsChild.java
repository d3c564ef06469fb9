package io.mitune.streams;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topics;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;

/** A role in a process of its own, to be killed. */
public final class StreamsChild {
    /** What makes a take-over quick. */
    public static final Map<String, String> EXTRA =
            Map.of(
                    "main.consumer.session.timeout.ms", "6000",
                    "main.consumer.heartbeat.interval.ms", "1500",
                    "producer.transaction.timeout.ms", "10000");

    private StreamsChild() {}

    /** What the main method of such a process does. */
    public static void run(String[] args, Function<Connection, StreamsRole> role) {
        var connection = new Connection(args[0], args[1], Topics.DEFAULT_PREFIX, Map.of());
        var settings = new StreamsSettings(connection, Path.of(args[2]), 2, EXTRA);
        var app = StreamsApp.start(role.apply(connection), settings);
        app.ended().toCompletableFuture().join();
    }

    /**
     * @param main class whose main method calls {@link #run}
     */
    public static Process start(Class<?> main, Connection connection, Path stateDir, Path log)
            throws Exception {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName(),
                        connection.bootstrapServers(),
                        connection.schemaRegistryUrl(),
                        stateDir.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }
}
