package io.mitune.app.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/**
 * A real headless Chromium, driven through its DevTools protocol: no driver binary, no library.
 *
 * <p>Belongs to one thread; its events come on another.
 */
public final class Browser implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration START = Duration.ofSeconds(60);
    private static final long ANSWER_SECONDS = 60;

    private final Process process;
    private final Path profile;
    private final WebSocket socket;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private volatile BiConsumer<String, JsonNode> events = (method, parameters) -> {};

    private Browser(Path program, Path profile) throws IOException {
        this.profile = profile;
        process =
                new ProcessBuilder(
                                program.toString(),
                                "--headless=new",
                                "--no-sandbox", // tests run as root in containers
                                "--disable-gpu",
                                "--disable-dev-shm-usage",
                                "--hide-scrollbars",
                                "--no-first-run",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync",
                                "--remote-debugging-port=0",
                                "--user-data-dir=" + profile,
                                "about:blank")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        socket =
                HttpClient.newHttpClient()
                        .newWebSocketBuilder()
                        .buildAsync(address(), new Listener())
                        .join();
    }

    /** The program, where there is one. */
    public static Optional<Path> program() {
        var path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.of("chromium", "chromium-browser", "google-chrome")
                .flatMap(name -> Stream.of(path.split(":")).map(f -> Path.of(f).resolve(name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** A browser with a profile of its own. */
    public static Browser start() throws IOException {
        return new Browser(program().orElseThrow(), Files.createTempDirectory("mitune-browser"));
    }

    /** A new tab at this size. */
    public Page open(String url, int width, int height) {
        var target = call("", "Target.createTarget", object().put("url", "about:blank"));
        var attach = object().put("flatten", true).put("targetId", target.get("targetId").asText());
        var session = call("", "Target.attachToTarget", attach).get("sessionId").asText();
        var page = new Page(this, session);
        events = page::event;
        page.begin(url, width, height);
        return page;
    }

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    JsonNode call(String session, String method, ObjectNode parameters) {
        int id = ids.incrementAndGet();
        var message = object().put("id", id).put("method", method);
        message.set("params", parameters);
        if (!session.isEmpty()) {
            message.put("sessionId", session);
        }
        var answer = new CompletableFuture<JsonNode>();
        waiting.put(id, answer);
        socket.sendText(message.toString(), true).join();
        try {
            return answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(method + ": expected an answer, found " + e, e);
        }
    }

    @Override
    public void close() throws IOException {
        socket.abort();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.onExit().join();
        try (var files = Files.walk(profile)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            List.of(e); // a process of it still wrote there; the system clears the rest
        }
    }

    private URI address() throws IOException {
        var file = profile.resolve("DevToolsActivePort");
        var deadline = System.nanoTime() + START.toNanos();
        while (System.nanoTime() < deadline) {
            if (Files.isRegularFile(file)) {
                var lines = Files.readAllLines(file);
                if (lines.size() == 2) {
                    return URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1));
                }
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
        throw new AssertionError("chromium: expected its port, found none");
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                take(text.toString());
                text.setLength(0);
            }
            from.request(1);
            return null;
        }

        private void take(String message) {
            try {
                var json = JSON.readTree(message);
                if (!json.has("id")) {
                    events.accept(json.get("method").asText(), json.get("params"));
                    return;
                }
                var answer = waiting.remove(json.get("id").asInt());
                if (json.has("error")) {
                    answer.completeExceptionally(new AssertionError(json.get("error").toString()));
                } else {
                    answer.complete(json.get("result"));
                }
            } catch (IOException e) {
                throw new AssertionError("chromium: expected JSON", e);
            }
        }
    }
}
