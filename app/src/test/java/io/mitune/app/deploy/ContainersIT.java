package io.mitune.app.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.CommandLineRunner;
import io.mitune.app.CommandLineRunner.Result;
import io.mitune.app.CommandLines;
import io.mitune.app.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.kafka.KafkaContainer;

/**
 * The roles against the images of the compose file: Kafka's own broker and another registry than
 * ours. Skipped where there is no Docker.
 */
@Testcontainers(disabledWithoutDocker = true)
class ContainersIT {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final int REGISTRY_PORT = 8080;

    @Container
    private static final KafkaContainer KAFKA =
            new KafkaContainer(image("kafka"))
                    .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR", "1")
                    .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR", "1")
                    .withEnv("KAFKA_GROUP_SHARE_MAX_RECORD_LOCK_DURATION_MS", "3600000");

    @Container
    private static final GenericContainer<?> REGISTRY =
            new GenericContainer<>(image("registry"))
                    .withExposedPorts(REGISTRY_PORT)
                    .waitingFor(Wait.forHttp("/apis/ccompat/v7/subjects").forPort(REGISTRY_PORT));

    private final List<Process> processes = new ArrayList<>();

    @TempDir Path folder;

    @AfterEach
    void stop() throws InterruptedException {
        for (var process : processes) {
            process.destroyForcibly().waitFor(1, TimeUnit.MINUTES);
        }
    }

    @Test
    void promptsBecomeCuratedSamples() throws Exception {
        var prompts = Files.writeString(folder.resolve("prompts.txt"), "the red cat\na blue dog\n");
        here("topics", "create", "--replication-factor", 1).ok();
        var settings = List.of("--candidates", 3, "--num-inference-steps", 3);
        var publish = new ArrayList<Object>(List.of("publish", "--prompts", prompts));
        publish.addAll(settings);
        here(publish.toArray()).ok();
        start("curate", "--state-dir", folder.resolve("state"));
        start("worker", "--model", TinyModel.MODEL, "--blobs", folder.resolve("blobs"));
        var end = System.nanoTime() + LIMIT.toNanos();
        while (count("curated") < 2 && System.nanoTime() < end) {
            assertTrue(processes.stream().allMatch(Process::isAlive), said());
            LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
        }
        assertEquals(2, count("curated"), said());
        assertEquals(6, count("candidates"), said());
    }

    private long count(String topic) {
        return here("tap", topic).ok().out().lines().count();
    }

    private Result here(Object... words) {
        return CommandLineRunner.run(connected(words).toArray());
    }

    private void start(Object... words) throws IOException {
        var line = new ArrayList<String>();
        line.add(ProcessHandle.current().info().command().orElseThrow());
        line.addAll(List.of("-Xmx512m", "-cp", System.getProperty("java.class.path")));
        line.add(CommandLines.MAIN);
        connected(words).forEach(word -> line.add(word.toString()));
        var log = folder.resolve(words[0] + ".log").toFile();
        processes.add(
                new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(log).start());
    }

    private static List<Object> connected(Object... words) {
        var all = new ArrayList<Object>(List.of(words));
        var registry = REGISTRY.getHost() + ":" + REGISTRY.getMappedPort(REGISTRY_PORT);
        all.addAll(List.of("--bootstrap-server", KAFKA.getBootstrapServers()));
        all.addAll(List.of("--schema-registry-url", "http://" + registry + "/apis/ccompat/v7"));
        return all;
    }

    private String said() throws IOException {
        var text = new StringBuilder();
        for (var name : List.of("curate.log", "worker.log")) {
            var log = folder.resolve(name);
            text.append(name).append(":\n").append(Files.exists(log) ? Files.readString(log) : "");
        }
        return text.toString();
    }

    /** The same image, with its version, as in the compose file. */
    private static String image(String service) {
        try {
            return Yaml.read("docker-compose.yml").at("/services/" + service + "/image").asText();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
