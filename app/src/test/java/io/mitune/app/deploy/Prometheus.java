package io.mitune.app.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.mitune.app.FreePorts;
import io.mitune.app.web.HttpProbe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** The Prometheus that is installed, as a process of its own. Belongs to one thread. */
final class Prometheus implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    /** What a program printed, both streams together. */
    record Said(int code, String text) {
        Said ok() {
            assertEquals(0, code, text);
            return this;
        }
    }

    private final Process process;
    private final HttpProbe http;
    private final Path log;

    /** Starts with this configuration and waits until it is ready. */
    Prometheus(Path config, Path folder) throws IOException {
        int port = FreePorts.one();
        http = new HttpProbe(port);
        log = folder.resolve("prometheus.log");
        process =
                new ProcessBuilder(
                                program("prometheus").orElseThrow().toString(),
                                "--config.file=" + config,
                                "--storage.tsdb.path=" + folder.resolve("tsdb"),
                                "--web.listen-address=127.0.0.1:" + port)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        try {
            long end = System.nanoTime() + LIMIT.toNanos();
            while (!isReady()) {
                assertTrue(process.isAlive() && System.nanoTime() < end, Files.readString(log));
                LockSupport.parkNanos(100_000_000);
            }
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    static boolean isInstalled() {
        return program("prometheus").isPresent() && program("promtool").isPresent();
    }

    /** Runs promtool; what it reads from its standard input comes from the file. */
    static Said promtool(Path input, Object... words) throws Exception {
        var line = new ArrayList<>(List.of(program("promtool").orElseThrow().toString()));
        for (var word : words) {
            line.add(word.toString());
        }
        var tool =
                new ProcessBuilder(line)
                        .redirectErrorStream(true)
                        .redirectInput(input.toFile())
                        .start();
        var text = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Said(tool.waitFor(), text);
    }

    static Said promtool(Object... words) throws Exception {
        return promtool(Path.of("/dev/null"), words);
    }

    /** The samples that an expression has now. */
    List<JsonNode> query(String expression) {
        var answer = api("query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
        assertEquals("success", answer.path("status").asText(), expression + ": " + answer);
        return Yaml.children(answer.at("/data/result"));
    }

    /** The value of the one sample that an expression has; NaN while it has none. */
    double value(String expression) {
        var samples = query(expression);
        assertTrue(samples.size() < 2, () -> expression + ": " + samples);
        return samples.isEmpty() ? Double.NaN : value(samples.get(0));
    }

    static double value(JsonNode sample) {
        return Double.parseDouble(sample.at("/value/1").asText());
    }

    /** An answer of its HTTP API. */
    JsonNode api(String path) {
        return HttpProbe.json(http.get("/api/v1/" + path));
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }

    private boolean isReady() {
        try {
            return http.get("/-/ready").statusCode() == 200;
        } catch (UncheckedIOException e) {
            return false; // not listening yet
        }
    }

    private static Optional<Path> program(String name) {
        var path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.of(path.split(":"))
                .map(folder -> Path.of(folder).resolve(name))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
