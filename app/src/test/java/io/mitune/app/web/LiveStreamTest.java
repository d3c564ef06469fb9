package io.mitune.app.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Clients that stay connected: what they get, how many there may be, and slow ones. */
class LiveStreamTest {
    /** Longer than any test waits. */
    private static final Duration END = Duration.ofMinutes(10);

    private static final String REQUEST = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private static EventHub.Event event(String id, String text) {
        return new EventHub.Event(id, "word", JsonNodeFactory.instance.textNode(text));
    }

    private static EventHub hub() {
        return new EventHub(id -> List.of(event("", "since " + id.orElse("ever"))), 100);
    }

    private static WebServer serve(EventHub hub, int places) {
        var limits = new WebLimits(1000, places, 100, Duration.ofSeconds(30), END);
        return WebServer.start(
                WebSettings.loopback(0).withLimits(limits),
                List.of(routes -> routes.stream("/events", Access.TOKEN, hub)));
    }

    @Test
    void eventsComeInOrderAndAClientGoesOnWhereItWas() throws IOException {
        var hub = hub();
        try (var server = serve(hub, 4);
                var body = open(server, "Last-Event-ID", "7");
                var reader = reader(body)) {
            assertEquals("data: \"since 7\"", nextData(reader));
            hub.publish(event("8", "a"));
            hub.publish(event("9", "b\nc"));
            assertEquals("data: \"a\"", nextData(reader));
            assertEquals("id: 9", next(reader, "id:"));
            assertEquals("data: \"b\\nc\"", nextData(reader));
        }
    }

    @Test
    void linesForPrograms() throws IOException {
        var hub = hub();
        try (var server = serve(hub, 4);
                var body = open(server, "Accept", "application/x-ndjson");
                var reader = reader(body)) {
            assertEquals("\"since ever\"", reader.readLine());
            hub.publish(event("1", "a"));
            assertEquals("\"a\"", reader.readLine());
        }
    }

    @Test
    void soManyClientsAndNoMore() throws IOException {
        var hub = hub();
        try (var server = serve(hub, 2)) {
            var http = new HttpProbe(server.port());
            try (var first = open(server);
                    var second = open(server)) {
                nextData(reader(first));
                nextData(reader(second));
                var third = http.get("/events");
                assertEquals(503, third.statusCode());
                assertTrue(third.headers().firstValue("Retry-After").isPresent());
                assertEquals(2, server.eventClients());
            }
            until(
                    () -> {
                        hub.publish(event("", "who is there"));
                        return server.eventClients() == 0;
                    });
            try (var again = open(server)) {
                nextData(reader(again));
            }
        }
    }

    @Test
    void aClientThatDoesNotReadIsSentAway() throws IOException {
        var hub = hub();
        try (var server = serve(hub, 2);
                var good = open(server);
                var slow = new HttpProbe(server.port()).socket(REQUEST)) {
            until(() -> server.eventClients() == 2);
            var reader = reader(good);
            nextData(reader);
            var large = event("1", "x".repeat(50_000));
            until(
                    () -> {
                        hub.publish(large);
                        read(reader);
                        return server.eventClients() == 1;
                    });
            assertTrue(hub.hasClients());
            assertTrue(slow.isConnected());
        }
    }

    @Test
    void theServerDoesNotWaitForThem() throws IOException {
        var server = serve(hub(), 2);
        try (var body = open(server);
                var reader = reader(body)) {
            nextData(reader);
            CompletableFuture.runAsync(server::close).orTimeout(1, TimeUnit.MINUTES).join();
            // sent away in time: one that is cut off instead has no end
            reader.lines()
                    .forEach(line -> assertTrue(line.isEmpty() || line.startsWith(":"), line));
        }
    }

    private static void read(BufferedReader reader) {
        try {
            nextData(reader);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static InputStream open(WebServer server, String... headers) {
        return new HttpProbe(server.port()).open("/events", headers).body();
    }

    private static BufferedReader reader(InputStream body) {
        return new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
    }

    private static String nextData(BufferedReader reader) throws IOException {
        return next(reader, "data:");
    }

    private static String next(BufferedReader reader, String start) throws IOException {
        for (var line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.startsWith(start)) {
                return line;
            }
        }
        throw new AssertionError("expected " + start + ", found the end");
    }

    private static void until(BooleanSupplier condition) {
        var end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "expected it within 60 s");
            LockSupport.parkNanos(5_000_000);
        }
    }
}
