package io.mitune.app.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.CommandLineRunner;
import io.mitune.app.FreePorts;
import io.mitune.app.Main;
import io.mitune.app.web.HttpProbe;
import io.mitune.embedded.EmbeddedStack;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.Connection;
import io.mitune.schemas.SamplingSettings;
import io.mitune.schemas.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker that is told to stop in the middle of a task of some seconds. */
class WorkerStopIT {
    private static final int TERMINATED = 128 + 15;
    private static final int STEPS = 900;
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @TempDir Path folder;

    @Test
    void itFinishesItsTaskWithinTheGraceAndGivesItBackAfterwards() throws Exception {
        try (var stack = EmbeddedStack.temporary()) {
            var connection =
                    new Connection(
                            stack.bootstrapServers(),
                            stack.schemaRegistryUrl(),
                            Topics.DEFAULT_PREFIX,
                            Map.of());
            CommandLineRunner.run(
                            "topics",
                            "create",
                            "--bootstrap-server=" + stack.bootstrapServers(),
                            "--schema-registry-url=" + stack.schemaRegistryUrl())
                    .ok();
            send(connection);
            stopAtWork(stack, "hasty", "PT0S");
            try (var watch = new Watch(connection)) {
                stopAtWork(stack, "patient", "PT9M"); // as long as it takes
                long end = System.nanoTime() + PATIENCE.toNanos();
                while (watch.done() < 2 && System.nanoTime() < end) {
                    LockSupport.parkNanos(50_000_000);
                }
                assertEquals(2, watch.done(), said("patient"));
                assertEquals(
                        List.of("patient", "patient"),
                        watch.values(connection.topics().candidates()).stream()
                                .map(Candidate::getWorker)
                                .toList(),
                        "the other one gave it back");
                assertEquals(List.of(), watch.records(connection.topics().deadLetters()));
            }
        }
    }

    private static void send(Connection connection) throws Exception {
        var sampling =
                SamplingSettings.newBuilder(Workload.sampling())
                        .setNumInferenceSteps(STEPS)
                        .build();
        try (var producer =
                new KafkaProducer<>(
                        connection.producerProperties(),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            producer.send(
                            Poison.task(
                                    connection,
                                    task -> task.setSampling(sampling).setMicroBatch(1)))
                    .get();
        }
    }

    /** Starts a worker, and ends it by TERM as soon as it has a task. */
    private void stopAtWork(EmbeddedStack stack, String name, String grace) throws Exception {
        int port = FreePorts.one();
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var line = new ArrayList<>(List.of(java, "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp"));
        line.addAll(List.of(System.getProperty("java.class.path"), Main.class.getName()));
        line.addAll(List.of("worker", "--model=" + Workload.MODEL, "--name=" + name));
        line.add("--blobs=" + folder.resolve("blobs"));
        line.add("--finish-grace=" + grace);
        line.add("--metrics-port=" + port);
        line.add("--bootstrap-server=" + stack.bootstrapServers());
        line.add("--schema-registry-url=" + stack.schemaRegistryUrl());
        var log = folder.resolve(name + ".log").toFile();
        var builder = new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(log);
        builder.environment().put("OMP_NUM_THREADS", "1");
        var process = builder.start();
        try {
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (!isBusy(new HttpProbe(port))) {
                assertTrue(process.isAlive() && System.nanoTime() < end, said(name));
                LockSupport.parkNanos(20_000_000);
            }
            process.destroy();
            assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), said(name));
            assertEquals(TERMINATED, process.exitValue(), said(name));
        } finally {
            process.destroyForcibly();
        }
    }

    private static boolean isBusy(HttpProbe probe) {
        try {
            return probe.get("/metrics").body().contains("\nmitune_worker_busy 1");
        } catch (UncheckedIOException e) {
            return false; // not listening yet
        }
    }

    private String said(String name) throws IOException {
        return Files.readString(folder.resolve(name + ".log"));
    }
}
