package io.mitune.app.start;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.mitune.app.CommandLineRunner;
import io.mitune.app.CommandLineRunner.Result;
import io.mitune.app.FreePorts;
import io.mitune.app.Main;
import io.mitune.app.TinyModel;
import io.mitune.app.web.HttpProbe;
import io.mitune.diffusion.image.Png;
import io.mitune.diffusion.image.RgbImage;
import io.mitune.embedded.EmbeddedKafka;
import io.mitune.embedded.EmbeddedRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Roles that start before what they need is there, as orchestrators do it. */
class StartIT {
    private static final int TERMINATED = 128 + 15;
    private static final Duration LIMIT = Duration.ofMinutes(4);

    @TempDir Path folder;
    private final Map<String, Process> processes = new LinkedHashMap<>();
    private final Map<String, HttpProbe> probes = new LinkedHashMap<>();
    private final List<AutoCloseable> parts = new ArrayList<>();
    private final Map<String, List<Object>> roles = new LinkedHashMap<>();
    private int kafkaPort;
    private int registryPort;

    @BeforeEach
    void nothingIsThere() throws IOException {
        kafkaPort = FreePorts.one();
        registryPort = FreePorts.one();
        var blobs = folder.resolve("blobs");
        var model = List.<Object>of("--model", TinyModel.MODEL, "--blobs", blobs);
        roles.put("curate", List.of("--state-dir", folder.resolve("state")));
        roles.put("worker", model);
        var prompts = Files.writeString(folder.resolve("prompts.txt"), "the red cat\n");
        var train = new ArrayList<Object>(model);
        train.addAll(List.of("--validation-prompts", prompts));
        roles.put("train", train);
        roles.put("dashboard", List.of("--http-port", 0, "--blobs", blobs));
        var survey = new ArrayList<Object>(List.of("--campaign", "c", "--http-port", 0));
        for (var method : List.of("one", "other")) {
            var pictures = Files.createDirectories(folder.resolve(method));
            var name = pictures.resolve("the red cat_000000.png");
            Png.write(name, new RgbImage(8, 8, new byte[8 * 8 * 3]), Map.of());
            survey.addAll(List.of("--method", method + "=" + pictures));
        }
        roles.put("survey", survey);
    }

    @AfterEach
    void stop() throws Exception {
        for (var process : processes.values()) {
            process.destroyForcibly().waitFor();
        }
        for (var part : parts) {
            part.close();
        }
    }

    @Test
    void everyRoleWaitsForBrokersTopicsAndRegistryAndSaysSo() throws Exception {
        for (var role : roles.keySet()) {
            start(role, role, roles.get(role), Map.of());
        }
        start("stopped", "worker", roles.get("worker"), Map.of());
        awaitEach("waits kafka\n", 503);
        for (var probe : probes.values()) {
            assertEquals(200, probe.get("/healthz").statusCode());
        }
        var stopped = processes.remove("stopped");
        probes.remove("stopped");
        stopped.destroy();
        assertTrue(stopped.waitFor(1, TimeUnit.MINUTES), said("stopped"));
        assertEquals(TERMINATED, stopped.exitValue(), said("stopped"));

        parts.add(EmbeddedKafka.start(folder.resolve("kafka"), kafkaPort, Map.of()));
        awaitEach("waits topics\n", 503);
        CommandLineRunner.run(connected(List.of("topics", "create"))).ok();
        awaitEach("waits registry\n", 503);
        parts.add(EmbeddedRegistry.start(folder.resolve("registry.log"), registryPort));
        awaitEach("ready ", 200);
        for (var role : roles.keySet()) {
            assertTrue(processes.get(role).isAlive(), said(role));
            assertTrue(said(role).contains(" waits, "), said(role));
        }
    }

    @Test
    void rolesThatDrawAndTrainWaitForTheBlobStore() throws Exception {
        int port = FreePorts.one();
        var bucket =
                Map.of(
                        "AWS_ENDPOINT_URL_S3", "http://127.0.0.1:" + port,
                        "AWS_ACCESS_KEY_ID", "tester",
                        "AWS_SECRET_ACCESS_KEY", "a-secret-for-tests");
        parts.add(EmbeddedKafka.start(folder.resolve("kafka"), kafkaPort, Map.of()));
        parts.add(EmbeddedRegistry.start(folder.resolve("registry.log"), registryPort));
        CommandLineRunner.run(connected(List.of("topics", "create"))).ok();
        for (var role : List.of("worker", "train")) {
            var words = new ArrayList<>(roles.get(role));
            words.set(words.indexOf("--blobs") + 1, "s3://bucket/run");
            start(role, role, words, bucket);
        }
        awaitEach("waits blobs\n", 503);
        var store = emptyBucket(port);
        parts.add(() -> store.stop(0));
        awaitEach("ready ", 200);
        for (var role : processes.keySet()) {
            assertTrue(said(role).contains("blob store s3://bucket/run: expected an answer"));
        }
    }

    /** What S3 answers to who lists a bucket in which nothing is. */
    private static HttpServer emptyBucket(int port) throws IOException {
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        var xml =
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult>"
                        + "<Name>bucket</Name><KeyCount>0</KeyCount>"
                        + "<IsTruncated>false</IsTruncated></ListBucketResult>";
        server.createContext(
                "/bucket",
                exchange -> {
                    exchange.getResponseHeaders().add("Content-Type", "application/xml");
                    var bytes = xml.getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, bytes.length);
                    exchange.getResponseBody().write(bytes);
                    exchange.close();
                });
        server.start();
        return server;
    }

    @Test
    void whatDoesNotComeEndsARoleInOneLine() {
        var results = new LinkedHashMap<String, CompletableFuture<Result>>();
        roles.forEach(
                (role, words) ->
                        results.put(
                                role,
                                CompletableFuture.supplyAsync(
                                        () -> run(role, words, "--startup-timeout", "PT1S"))));
        results.forEach(
                (role, result) -> {
                    var line = result.join().failedInOneLine();
                    assertEquals(1, result.join().code());
                    assertTrue(line.contains("expected an answer, found none"), line);
                    assertTrue(line.contains("waited PT1S (--startup-timeout)"), line);
                });
    }

    /** Names of services come with the services; an address that is none never will. */
    @Test
    void aNameThatIsNotKnownYetIsWaitedForAndANonsenseIsNot() {
        var words = roles.get("curate");
        var unknown = List.<Object>of("--bootstrap-server", "kafka.invalid:9092");
        var line = failure("curate", words, unknown, "PT0S");
        assertTrue(line.contains("expected a name that resolves, found none"), line);
        line = failure("curate", words, List.of("--bootstrap-server", "nonsense"), "PT10M");
        assertTrue(line.contains("Invalid url in bootstrap.servers"), line);
        line = failure("curate", words, List.of(), "-PT1S");
        assertTrue(line.contains("--startup-timeout: expected PT0S or longer"), line);
    }

    private String failure(String role, List<Object> words, List<Object> more, String timeout) {
        var args = new ArrayList<Object>(List.of(role));
        args.addAll(words);
        args.addAll(more.isEmpty() ? List.of("--bootstrap-server", kafka()) : more);
        args.addAll(List.of("--startup-timeout", timeout));
        return CommandLineRunner.run(args.toArray()).failedInOneLine();
    }

    private Result run(String role, List<Object> words, Object... more) {
        var args = new ArrayList<Object>(List.of(role));
        args.addAll(words);
        args.addAll(List.of(more));
        return CommandLineRunner.run(connected(args));
    }

    private Object[] connected(List<Object> words) {
        var all = new ArrayList<Object>(words);
        all.addAll(List.of("--bootstrap-server", kafka()));
        all.addAll(List.of("--schema-registry-url", "http://127.0.0.1:" + registryPort));
        return all.toArray();
    }

    private String kafka() {
        return "127.0.0.1:" + kafkaPort;
    }

    private void start(
            String name, String role, List<Object> words, Map<String, String> environment)
            throws IOException {
        int port = FreePorts.one();
        var args = new ArrayList<Object>(List.of(role));
        args.addAll(words);
        args.addAll(List.of("--metrics-port", port));
        var line = new ArrayList<String>();
        line.add(ProcessHandle.current().info().command().orElseThrow());
        line.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp"));
        line.addAll(List.of(System.getProperty("java.class.path"), Main.class.getName()));
        for (var word : connected(args)) {
            line.add(word.toString());
        }
        var log = folder.resolve(name + ".log").toFile();
        var builder = new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(log);
        builder.environment().putAll(environment);
        processes.put(name, builder.start());
        probes.put(name, new HttpProbe(port));
    }

    private void awaitEach(String words, int status) throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        for (var role : probes.keySet()) {
            while (!says(role, words, status)) {
                assertTrue(processes.get(role).isAlive(), said(role));
                assertTrue(System.nanoTime() < end, words + ": " + said(role));
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            }
        }
    }

    private boolean says(String role, String words, int status) {
        try {
            var answer = probes.get(role).get("/readyz");
            return answer.statusCode() == status && answer.body().contains(words);
        } catch (UncheckedIOException e) {
            return false; // not listening yet
        }
    }

    private String said(String name) throws IOException {
        return name + ":\n" + Files.readString(folder.resolve(name + ".log"));
    }
}
