package io.mitune.app.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.CommandLineRunner;
import io.mitune.app.Main;
import io.mitune.embedded.EmbeddedStack;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Topics;
import java.io.IOException;
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

/** A worker that cannot write its blobs says so and ends; the next one does the task. */
class DiskFullIT {
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    @TempDir Path folder;

    @Test
    void aTaskWhoseBlobsDoNotFitIsGivenBackAndDoneElsewhere() throws Exception {
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
            var full = worker(stack, "full");
            await("worker waits for tasks", "full", full.process());
            // the system lets no file grow beyond 1 KiB from here on: as good as a full disk
            var limit =
                    List.of(
                            "prlimit",
                            "--fsize=1024",
                            "--pid",
                            Long.toString(full.process().pid()));
            assertEquals(0, new ProcessBuilder(limit).inheritIO().start().waitFor());
            send(connection);
            assertEquals(1, exit(full), said("full"));
            var last = said("full").lines().reduce((a, b) -> b).orElse("");
            assertTrue(
                    last.matches("mitune worker: task .*: blob .*: cannot write .*"), said("full"));
            assertTrue(last.endsWith("it was given back"), said("full"));
            assertEquals(List.of(), files(), "nothing half-written is left");

            var well = worker(stack, "well").process();
            try (var watch = new Watch(connection)) {
                long end = System.nanoTime() + PATIENCE.toNanos();
                while (watch.done() < 2 && System.nanoTime() < end) {
                    assertTrue(well.isAlive(), said("well"));
                    LockSupport.parkNanos(50_000_000);
                }
                assertEquals(2, watch.done(), said("well"));
                assertEquals(List.of(), watch.records(connection.topics().deadLetters()));
            } finally {
                well.destroyForcibly();
            }
        }
    }

    private static void send(Connection connection) throws Exception {
        try (var producer =
                new KafkaProducer<>(
                        connection.producerProperties(),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            producer.send(Poison.task(connection, task -> {})).get();
        }
    }

    /**
     * A worker's process.
     *
     * @param log ends when all that it said is in its log
     */
    private record Worker(Process process, Thread log) {}

    private Worker worker(EmbeddedStack stack, String name) throws IOException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var line = new ArrayList<>(List.of(java, "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp"));
        line.addAll(List.of(System.getProperty("java.class.path"), Main.class.getName()));
        line.addAll(List.of("worker", "--model=" + Workload.MODEL, "--name=" + name));
        line.add("--blobs=" + folder.resolve("blobs"));
        line.add("--bootstrap-server=" + stack.bootstrapServers());
        line.add("--schema-registry-url=" + stack.schemaRegistryUrl());
        var builder = new ProcessBuilder(line).redirectErrorStream(true);
        // through a pipe, since the log is a file as well
        builder.environment().put("OMP_NUM_THREADS", "1");
        var process = builder.start();
        var file = folder.resolve(name + ".log");
        var log = new Thread(() -> copy(process, file), "log of " + name);
        log.start();
        return new Worker(process, log);
    }

    private static void copy(Process process, Path log) {
        try (var in = process.getInputStream()) {
            Files.copy(in, log);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void await(String text, String name, Process process) throws IOException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!said(name).contains(text)) {
            assertTrue(process.isAlive() && System.nanoTime() < end, said(name));
            LockSupport.parkNanos(50_000_000);
        }
    }

    private int exit(Worker worker) throws Exception {
        var process = worker.process();
        assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), said("full"));
        worker.log().join();
        return process.exitValue();
    }

    private String said(String name) throws IOException {
        var log = folder.resolve(name + ".log");
        return Files.exists(log) ? Files.readString(log) : "";
    }

    private List<Path> files() throws IOException {
        try (var all = Files.walk(folder.resolve("blobs"))) {
            return all.filter(Files::isRegularFile).toList();
        }
    }
}
