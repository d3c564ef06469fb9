package io.mitune.schemas;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Apicurio Registry as a process, with Confluent's REST API. The profile {@code apicurio} fetches
 * and unpacks it; it needs JDK 21: {@code MITUNE_JDK21}, the one that runs the tests, or any below
 * /usr/lib/jvm. Tests need both to run.
 */
final class RealRegistry implements ExecutionCondition, AutoCloseable {
    private static final Path JAR = Path.of("target", "apicurio", "quarkus-run.jar");
    private static final Pattern VERSION = Pattern.compile("JAVA_VERSION=\"(\\d+)");
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Process process;
    private final String url;
    private final Path log;

    /** For JUnit, which makes conditions without arguments. */
    RealRegistry() {
        process = null;
        url = "";
        log = Path.of("");
    }

    private RealRegistry(Process process, String url, Path log) {
        this.process = process;
        this.url = url;
        this.log = log;
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (!Files.exists(JAR)) {
            return ConditionEvaluationResult.disabled(
                    "needs Apicurio Registry: run with -Papicurio, which fetches 158 MB");
        }
        return jdk().isPresent()
                ? ConditionEvaluationResult.enabled("registry and JDK are there")
                : ConditionEvaluationResult.disabled(
                        "needs JDK 21 or newer: set MITUNE_JDK21 to its directory");
    }

    /** On a free port of the loopback, with its data in memory. */
    static RealRegistry start(Path folder) throws IOException {
        int port = freePort();
        Path log = folder.resolve("apicurio.log");
        var process =
                new ProcessBuilder(
                                jdk().orElseThrow().resolve("bin/java").toString(),
                                "-Xmx400m",
                                "-XX:TieredStopAtLevel=1",
                                "-Dquarkus.http.host=127.0.0.1",
                                "-Dquarkus.http.port=" + port,
                                "-Dquarkus.management.host=127.0.0.1",
                                "-Dquarkus.management.port=" + freePort(),
                                "-jar",
                                JAR.toAbsolutePath().toString())
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        var url = "http://127.0.0.1:" + port + "/apis/ccompat/v7";
        var registry = new RealRegistry(process, url, log);
        try {
            registry.await();
            return registry;
        } catch (IOException e) {
            registry.close();
            throw e;
        }
    }

    String url() {
        return url;
    }

    /** Sends one call of the REST API and returns the body of the answer. */
    String call(String method, String path, String body) throws IOException {
        try {
            var request =
                    HttpRequest.newBuilder(URI.create(url + path))
                            .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                            .method(method, HttpRequest.BodyPublishers.ofString(body))
                            .build();
            return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private void await() throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline && process.isAlive()) {
            try {
                if (call("GET", "/subjects", "").startsWith("[")) {
                    return;
                }
            } catch (IOException e) {
                // not up yet
            }
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
        }
        throw new IOException("apicurio did not start: " + Files.readString(log));
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Optional<Path> jdk() {
        var homes = new ArrayList<Path>();
        Optional.ofNullable(System.getenv("MITUNE_JDK21")).map(Path::of).ifPresent(homes::add);
        homes.add(Path.of(System.getProperty("java.home")));
        try (Stream<Path> installed = Files.list(Path.of("/usr/lib/jvm"))) {
            homes.addAll(installed.sorted().toList());
        } catch (IOException e) {
            // no such folder: the others may do
        }
        return homes.stream().filter(home -> version(home) >= 21).findFirst();
    }

    private static int version(Path home) {
        try {
            List<String> lines = Files.readAllLines(home.resolve("release"));
            var found = VERSION.matcher(String.join("\n", lines));
            boolean runs = Files.isExecutable(home.resolve("bin/java"));
            return runs && found.find() ? Integer.parseInt(found.group(1)) : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
