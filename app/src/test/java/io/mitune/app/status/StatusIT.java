package io.mitune.app.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.app.CommandLineRunner;
import io.mitune.app.CommandLineRunner.Result;
import io.mitune.app.dashboard.TestStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the terminal shows of a stream, for people and for scripts. */
class StatusIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path folder;

    @Test
    void oneScreenAndOneConventionForScripts() throws IOException {
        try (var stream = new TestStream(folder.resolve("data"))) {
            fill(stream);
            screen(run(stream, "status").ok());
            view(one(run(stream, "status", "--json").ok()));
            var run = one(run(stream, "run", "show", TestStream.RUN, "--json").ok());
            assertEquals("running", run.path("status").path("state").asText());
            assertTrue(run.path("settings").isNull(), run.toString());
            assertEquals(run, one(run(stream, "run", "list", "--json").ok()));
            var adapter = one(run(stream, "adapters", "list", "--json").ok());
            assertTrue(adapter.path("inUse").asBoolean(), adapter.toString());
            var topics = objects(run(stream, "topics", "describe", "--json").ok());
            assertTrue(topics.size() > 10, topics.toString());
            assertTrue(topics.get(0).path("exists").asBoolean(), topics.toString());
            assertTrue(objects(run(stream, "policy", "list", "--json").ok()).size() > 1);
            var letter = one(run(stream, "dlq", "list", "--json").ok());
            assertTrue(letter.toString().contains("model digest"), letter.toString());
            var published = one(run(stream, "publish", "--prompt", "a cat", "--json").ok());
            assertEquals(1, published.path("added").asInt(), published.toString());
            var blobs = folder.resolve("data/blobs");
            var kinds = objects(run(stream, "blobs", "gc", "--blobs", blobs, "--json").ok());
            assertEquals("previews", kinds.get(0).path("kind").asText(), kinds.toString());
            curves(stream);
        }
    }

    private void curves(TestStream stream) throws IOException {
        var curves = folder.resolve("curves");
        run(stream, "tensorboard", "--log-dir", curves).ok();
        var first = curves.resolve("default/events.out.tfevents.0000000001.mitune");
        assertTrue(Files.size(first) > 100);
        run(stream, "tensorboard", "--log-dir", curves).ok();
        try (var files = Files.list(first.getParent())) {
            assertEquals(1, files.filter(f -> f.toString().contains("tfevents")).count());
        }
        stream.step(31);
        stream.flush();
        run(stream, "tensorboard", "--log-dir", curves).ok();
        assertTrue(Files.exists(first.resolveSibling("events.out.tfevents.0000000002.mitune")));
    }

    private static void fill(TestStream stream) {
        for (var prompt = 0; prompt < 3; prompt++) {
            stream.prompt(prompt, 4);
        }
        var picture = stream.picture(1, 16, 16);
        for (var index = 0; index < 4; index++) {
            stream.candidate(0, index, 4, index, picture);
        }
        stream.curated(0, 3, 3, picture);
        for (var step = 1; step <= 30; step++) {
            stream.step(step);
        }
        stream.judged(0, 1.5);
        stream.judged(1, 1.75);
        stream.adapter(1, "promoted", true);
        stream.status("running", "budget of candidates is spent");
        stream.deadLetter("model digest");
        stream.flush();
    }

    private static void screen(Result result) {
        var text = result.out();
        assertTrue(text.contains("2 open, 0 of them begun, 1 closed; 8 candidates to come"), text);
        assertTrue(text.contains("1 dead; the last of"), text);
        assertTrue(text.matches("(?s).*\ndefault +running +1 +0 +600 +400 +2\\.000.*"), text);
        assertTrue(text.contains("budget of candidates is spent"), text);
        assertTrue(text.matches("(?s).*\ndefault +1 +30 +0\\.2286 +30\\.0/s +0.*"), text);
        assertTrue(text.contains("1.7500 ± 0.1000"), text);
        assertTrue(text.matches("(?s).*\nworker-1 .* ago.*"), text);
        assertTrue(text.matches("(?s).*\ncandidates +4 .*"), text);
        assertFalse(text.contains("\u001b"), "plain where it is no terminal");
    }

    private static void view(JsonNode view) {
        assertEquals(2, view.path("prompts").path("open").asInt(), view.toString());
        assertEquals(30, view.path("training").get(0).path("step").asInt(), view.toString());
        assertEquals(1, view.path("adapters").get(0).path("version").asInt(), view.toString());
        assertEquals(2, view.path("workers").path("workers").size(), view.toString());
        assertEquals(1, view.path("deadLetters").path("count").asInt(), view.toString());
    }

    private static JsonNode one(Result result) throws IOException {
        var all = objects(result);
        assertEquals(1, all.size(), result.out());
        return all.get(0);
    }

    private static List<JsonNode> objects(Result result) throws IOException {
        var objects = new ArrayList<JsonNode>();
        for (var line : result.out().lines().toList()) {
            objects.add(JSON.readTree(line));
        }
        return objects;
    }

    private static Result run(TestStream stream, Object... words) {
        return CommandLineRunner.on(stream.connection(), words);
    }
}
