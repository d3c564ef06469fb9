package io.mitune.app.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.app.dashboard.http.DashboardPart;
import io.mitune.app.web.WebServer;
import io.mitune.app.web.WebSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A long log: the page comes at once, and memory stays small. */
class DashboardLoadIT {
    private static final Logger log = LoggerFactory.getLogger(DashboardLoadIT.class);
    private static final int PROMPTS = 10_000;
    private static final int EACH = 10;
    private static final long MAX_HEAP = 150 << 20;
    private static final int MAX_SNAPSHOT_CHARS = 300_000;

    @TempDir private Path folder;

    @Test
    void aHundredThousandCandidatesAreLoadedAndSeenAtOnce() throws Exception {
        try (var stream = new TestStream(folder)) {
            var picture = stream.picture(1, 64, 64);
            for (int number = 0; number < PROMPTS; number++) {
                stream.candidates(number, EACH, picture);
            }
            stream.flush();
            var before = heap();
            var begun = System.nanoTime();
            var part = new DashboardPart(stream.connection(), stream.blobs());
            try (var server = WebServer.start(WebSettings.loopback(0), List.of(part))) {
                var whileLoading = firstView(server);
                await(part::caughtUp);
                var load = millis(begun);
                var grown = heap() - before;
                var view = firstView(server);
                for (int i = 0; i < 9; i++) {
                    view = Math.min(view, firstView(server));
                }
                log.warn(
                        "100000 candidates: loaded in {} ms, {} MiB of heap; first view {} ms while"
                                + " loading, {} ms after",
                        load,
                        grown >> 20,
                        whileLoading,
                        view);
                assertEquals(PROMPTS * EACH, candidates(server));
                assertTrue(grown < MAX_HEAP, "heap: " + grown);
                assertTrue(view < 1000, "first view: " + view + " ms");
            }
        }
    }

    /** Page, style and script, then the data that it draws. */
    private static long firstView(WebServer server) throws Exception {
        var begun = System.nanoTime();
        for (var path : List.of("/", "/dashboard/style.css", "/dashboard/main.js")) {
            get(server, path);
        }
        var snapshot = get(server, "/api/dashboard");
        assertTrue(snapshot.length() < MAX_SNAPSHOT_CHARS, "snapshot: " + snapshot.length());
        return millis(begun);
    }

    private static int candidates(WebServer server) throws Exception {
        var snapshot = new ObjectMapper().readTree(get(server, "/api/dashboard"));
        return snapshot.get("scores").get("all").get("total").asInt();
    }

    private static String get(WebServer server, String path) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(server.url() + path)).build();
        var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
        assertEquals(200, answer.statusCode(), path);
        return answer.body();
    }

    private static long heap() {
        System.gc();
        var runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static long millis(long begun) {
        return (System.nanoTime() - begun) / 1_000_000;
    }

    private static void await(BooleanSupplier done) {
        var deadline = System.nanoTime() + 300_000_000_000L;
        while (!done.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "expected it within 300 s");
            LockSupport.parkNanos(20_000_000);
        }
    }
}
