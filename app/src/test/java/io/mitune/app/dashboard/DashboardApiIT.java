package io.mitune.app.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.app.api.ApiParts;
import io.mitune.app.dashboard.http.DashboardPart;
import io.mitune.app.web.HttpProbe;
import io.mitune.app.web.WebPart;
import io.mitune.app.web.WebServer;
import io.mitune.app.web.WebSettings;
import io.mitune.schemas.BlobRef;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard's data, pictures and events as a program sees them. */
class DashboardApiIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient client = HttpClient.newHttpClient();

    @TempDir private static Path folder;
    private static TestStream stream;
    private static WebServer server;
    private static BlobRef picture;

    @BeforeAll
    static void start() {
        stream = new TestStream(folder);
        picture = stream.picture(1, 512, 256);
        stream.prompt(1, 3);
        for (int index = 0; index < 3; index++) {
            stream.candidate(1, index, 3, 5 + index, picture);
            stream.candidate(2, index, 4, 4, null);
        }
        stream.curated(1, 2, 7, picture);
        stream.adapter(1, "promoted", true);
        stream.flush();
        server = serve(Duration.ofMinutes(1));
    }

    private static WebServer serve(Duration patience) {
        var part = new DashboardPart(stream.connection(), stream.blobs(), patience);
        await(part::caughtUp);
        var parts = new ArrayList<WebPart>(ApiParts.of(stream.connection()));
        parts.add(part);
        return WebServer.start(WebSettings.loopback(0), parts);
    }

    @AfterAll
    static void stop() {
        server.close();
        stream.close();
    }

    @Test
    void aPromptIsReadAgainFromTheLogWithItsLineage() throws Exception {
        var answer = get("/api/dashboard/prompts/" + TestStream.promptId(1) + "/1");
        var prompt = JSON.readTree(answer.body());
        assertEquals(3, prompt.get("candidates").size());
        var candidate = prompt.get("candidates").get(2);
        assertEquals(50, candidate.get("terms").size());
        assertEquals(picture.getSha256(), candidate.get("image").asText());
        assertTrue(candidate.get("seed").isTextual(), "64 bits do not fit a script's number");
        assertEquals("best of 6", prompt.get("samples").get(0).get("reason").asText());
        assertEquals(404, get("/api/dashboard/prompts/unknown/1").statusCode());
        assertEquals(400, get("/api/dashboard/prompts/unknown/x").statusCode());
    }

    @Test
    void picturesAreGivenOutByTheHashesOfEventsOnly() throws Exception {
        var whole = bytes("/blobs/" + picture.getSha256());
        assertEquals(200, whole.statusCode());
        assertEquals("image/png", whole.headers().firstValue("Content-Type").orElse(""));
        assertTrue(whole.headers().firstValue("Cache-Control").orElse("").contains("immutable"));
        assertEquals(picture.getSize(), whole.body().length);
        var small = bytes("/blobs/" + picture.getSha256() + "?width=96");
        var image = ImageIO.read(new ByteArrayInputStream(small.body()));
        assertEquals(96, image.getWidth());
        assertEquals(48, image.getHeight());
        var unnamed = stream.picture(77, 64, 64);
        assertEquals(404, bytes("/blobs/" + unnamed.getSha256()).statusCode());
        assertEquals(404, bytes("/blobs/..%2f..%2fmeta.properties").statusCode());
        assertEquals(400, bytes("/blobs/" + picture.getSha256() + "?width=5").statusCode());
    }

    @Test
    void aPictureThatIsDamagedIsNotGivenOut() throws Exception {
        var damaged = stream.picture(78, 64, 64);
        stream.candidate(3, 0, 2, 4, damaged);
        stream.flush();
        await(() -> answers("/blobs/" + damaged.getSha256(), 200));
        Files.write(folder.resolve("blobs").resolve(damaged.getPath()), new byte[] {1, 2, 3});
        var answer = bytes("/blobs/" + damaged.getSha256());
        assertEquals(404, answer.statusCode());
        assertFalse(answer.headers().firstValue("Cache-Control").orElse("").contains("immutable"));
    }

    @Test
    void eventsGoOnWhereAClientLeftOff() throws Exception {
        var first = events("");
        assertTrue(first.contains("event: snapshot"), first);
        var id = first.replaceFirst("(?s).*id: ([^\n]*)\n.*", "$1");
        stream.step(1);
        stream.flush();
        await(() -> training() > 0);
        var more = events(id, "\"training\""); // what batches do may come first
        assertFalse(more.contains("event: snapshot"), more);
        assertTrue(more.contains("\"training\""), more);
        var stranger = events("00000000-7");
        assertTrue(stranger.contains("event: snapshot"), "another server's id: all anew");
    }

    @Test
    void wishesThatMakeNoSenseAreRefused() throws Exception {
        assertEquals(202, post("/api/adapters/default/promote", "{\"version\":1}"));
        assertEquals(404, post("/api/adapters/default/promote", "{\"version\":9}"));
        assertEquals(404, post("/api/adapters/other/rollback", "{\"version\":-1}"));
        assertEquals(400, post("/api/adapters/default/promote", "{\"version\":0}"));
        assertEquals(400, post("/api/adapters/default/promote", "{\"version\":\"1\"}"));
        assertEquals(400, post("/api/adapters/default/promote", "{"));
        assertEquals(400, post("/api/adapters/default/promote", "{}"));
        assertEquals(400, post("/api/adapters/default/promote", "{\"version\":1,\"to\":2}"));
    }

    @Test
    void anotherSitesPageCannotPressTheButtons() throws Exception {
        var request =
                HttpRequest.newBuilder(uri("/api/adapters/default/promote"))
                        .header("Content-Type", "application/json")
                        .header("Origin", "http://evil.example")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"version\":1}"))
                        .build();
        assertEquals(403, client.send(request, BodyHandlers.ofString()).statusCode());
    }

    @Test
    void aBatchIsFollowed() throws Exception {
        var published =
                send("/api/prompts", "{\"batch\":\"a/b c\",\"text\":\"x\",\"candidates\":2}");
        assertEquals(201, published.statusCode(), published.body());
        var waiting = batch("a%2Fb%20c").get("rounds").get(0); // though just published
        assertEquals("waiting", waiting.get("state").asText());
        assertEquals(2, waiting.at("/candidates/requested").asInt());
        var other = batch("test").get("rounds").get(0);
        assertEquals(100, other.at("/prompts/all").asInt());
        assertEquals(1, other.at("/prompts/published").asInt());
        assertEquals(1, other.at("/prompts/curated").asInt());
        try (var impatient = serve(Duration.ZERO)) {
            var unknown = new HttpProbe(impatient.port()).get("/api/batches/nothing");
            assertEquals(404, unknown.statusCode());
            var error = JSON.readTree(unknown.body()).get("error").asText();
            assertTrue(error.startsWith("batch nothing: expected"), error);
        }
    }

    private static JsonNode batch(String name) throws Exception {
        var answer = get("/api/batches/" + name);
        assertEquals(200, answer.statusCode(), answer.body());
        return JSON.readTree(answer.body());
    }

    @Test
    void answersAreAsDescribed() throws Exception {
        var document = JSON.readTree(get("/api/openapi.json").body());
        var prompt = "/api/dashboard/prompts/" + TestStream.promptId(1) + "/1";
        var answers =
                Map.of(
                        "Dashboard", "/api/dashboard",
                        "Gallery", "/api/dashboard/gallery",
                        "PromptCards", "/api/dashboard/prompts",
                        "PromptDetail", prompt,
                        "Batch", "/api/batches/test",
                        "Prompt", "/api/prompts/" + TestStream.promptId(1));
        for (var answer : answers.entrySet()) {
            var json = JSON.readTree(get(answer.getValue()).body());
            assertEquals(List.of(), SchemaFaults.of(document, answer.getKey(), json));
        }
    }

    @Test
    void aQueryThatIsNoneIsRefused() throws Exception {
        var sort = get("/api/dashboard/gallery?sort=size");
        assertEquals(400, sort.statusCode());
        assertTrue(
                sort.body().contains("sort: expected one of newest, mi, margin, found size"),
                sort.body());
        assertEquals(400, get("/api/dashboard/gallery?categry=color").statusCode());
        assertEquals(400, get("/api/dashboard/gallery?page=-1").statusCode());
        assertEquals(200, get("/api/dashboard/gallery?category=color&text=RED").statusCode());
    }

    private static int training() {
        try {
            return JSON.readTree(get("/api/dashboard").body()).get("training").size();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static boolean answers(String path, int status) {
        try {
            return bytes(path).statusCode() == status;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** What comes until the first event is whole. */
    private static String events(String lastId) throws IOException, InterruptedException {
        return events(lastId, "data: ");
    }

    /** What comes until this text is among it. */
    private static String events(String lastId, String wanted)
            throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(uri("/api/dashboard/events")).timeout(Duration.ofMinutes(1));
        if (!lastId.isEmpty()) {
            request.header("Last-Event-ID", lastId);
        }
        var text = new StringBuilder();
        try (var lines = client.send(request.build(), BodyHandlers.ofLines()).body()) {
            var all = lines.iterator();
            long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
            while (all.hasNext() && !text.toString().contains(wanted) && System.nanoTime() < end) {
                text.append(all.next()).append('\n');
            }
        }
        return text.toString();
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
    }

    private static HttpResponse<byte[]> bytes(String path) throws Exception {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofByteArray());
    }

    private static int post(String path, String body) throws Exception {
        return send(path, body).statusCode();
    }

    private static HttpResponse<String> send(String path, String body) throws Exception {
        var request =
                HttpRequest.newBuilder(uri(path))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
        return client.send(request, BodyHandlers.ofString());
    }

    private static URI uri(String path) {
        return URI.create(server.url() + path);
    }

    private static void await(BooleanSupplier done) {
        var deadline = System.nanoTime() + 60_000_000_000L;
        while (!done.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "expected it within 60 s");
            LockSupport.parkNanos(50_000_000);
        }
    }
}
