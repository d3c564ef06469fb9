package io.mitune.app.roles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.app.CommandLineRunner;
import io.mitune.app.CommandLineRunner.Result;
import io.mitune.app.adapter.AdapterRequest;
import io.mitune.embedded.EmbeddedStack;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Connection;
import io.mitune.streams.promotion.AdapterStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that look at and steer the stream, against a real broker. */
class StreamCommandsIT {
    private static EmbeddedStack stack;

    @TempDir Path folder;

    @BeforeAll
    static void start() {
        stack = EmbeddedStack.temporary();
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void topicsAreCreatedOnceAndDescribed() {
        assertTrue(mitune("once.", "topics", "describe").ok().out().contains("missing"));
        assertTrue(mitune("once.", "topics", "create").ok().out().contains("created"));
        var again = mitune("once.", "topics", "create").ok().out();
        assertFalse(again.contains("created"), again);
        assertTrue(again.contains("once.dead-letters"), again);
    }

    @Test
    void aBatchIsPublishedOnceAndCanBeRead() throws IOException {
        mitune("batch.", "topics", "create").ok();
        var file = folder.resolve("prompts.txt");
        Files.writeString(file, "a red star\na\u0007bell\na cat\n");
        Object[] publish = {
            "publish", "--prompts", file, "--run", "r", "--candidates", 4, "--guidance_scale", 2
        };
        var first = mitune("batch.", publish).ok();
        assertTrue(first.out().contains("2 of 2 prompts added"), first.out());
        assertTrue(first.err().contains("skipped line 2"), first.err());
        assertTrue(mitune("batch.", publish).ok().out().contains("0 of 2 prompts added"));

        var records = json(mitune("batch.", "tap", "prompts").ok());
        assertEquals(2, records.size());
        for (var record : records) {
            var value = record.get("value");
            assertEquals(record.get("key"), value.get("promptId"));
            assertEquals(2.0, value.get("sampling").get("guidanceScale").asDouble());
            var star = value.get("text").asText().equals("a red star");
            assertEquals(star ? "single" : "", value.get("category").asText());
        }
        var one = mitune("batch.", "tap", "prompts", "--max-messages", 1).ok();
        assertEquals(1, json(one).size());
    }

    @Test
    void tapShowsWhatCannotBeRead() throws Exception {
        mitune("poison.", "topics", "create").ok();
        var connection = connection("poison.");
        var bytes = new ByteArraySerializer();
        try (var producer = new KafkaProducer<>(connection.producerProperties(), bytes, bytes)) {
            var value = "no record".getBytes(StandardCharsets.UTF_8);
            producer.send(new ProducerRecord<>("poison.curated", value)).get();
        }
        var records = json(mitune("poison.", "tap", "curated").ok());
        assertTrue(records.get(0).get("unreadable").asText().contains("poison.curated"));
    }

    @Test
    void adaptersAreListedShownAndAskedFor() {
        mitune("adapters.", "topics", "create").ok();
        var connection = connection("adapters.");
        AdapterRequest.send(connection, event(1, AdapterStatus.CANDIDATE));
        AdapterRequest.send(connection, event(1, AdapterStatus.PROMOTED));
        AdapterRequest.send(connection, event(2, AdapterStatus.CANDIDATE));

        var list = mitune("adapters.", "adapters", "list").ok().out().lines().toList();
        assertEquals(4, list.size(), list.toString());
        assertTrue(list.get(2).startsWith("r ") && list.get(2).contains("promoted"));
        assertTrue(list.get(3).contains("candidate") && list.get(3).contains("0.1250"));
        var shown = mitune("adapters.", "adapters", "show", "r", 1).ok().out();
        int promoted = shown.indexOf("\"status\" : \"promoted\"");
        int candidate = shown.indexOf("\"status\" : \"candidate\"");
        assertTrue(0 <= promoted && promoted < candidate, shown);

        var missing = mitune("adapters.", "adapters", "show", "r", 9).failedInOneLine();
        assertTrue(missing.contains("expected one of [1, 2] of run r, found 9"), missing);
        var run = mitune("adapters.", "adapters", "promote", "q", 1).failedInOneLine();
        assertTrue(run.contains("RUN: expected one of [r], found q"), run);

        mitune("adapters.", "adapters", "promote", "r", 2).ok();
        mitune("adapters.", "adapters", "rollback", "r").ok();
        mitune("adapters.", "adapters", "rollback", "r", "--to", 0).ok();
        var asked = new ArrayList<String>();
        for (var record : json(mitune("adapters.", "tap", "adapter-history").ok())) {
            var value = record.get("value");
            asked.add(value.get("status").asText() + " " + value.get("version").asInt());
        }
        assertEquals(
                List.of(
                        "candidate 1",
                        "promoted 1",
                        "candidate 2",
                        "promote-requested 2",
                        "rollback-requested -1",
                        "rollback-requested 0"),
                asked);
    }

    @Test
    void runsAreSetPausedResumedAndShown() {
        mitune("runs.", "topics", "create").ok();
        var set = mitune("runs.", "run", "set", "r", "--rounds", 0, "--budget-gpu-hours", 2).ok();
        assertTrue(set.out().contains("settings version 1"), set.out());
        mitune("runs.", "run", "set", "r", "--until", "2027-01-01T00:00:00Z").ok();
        mitune("runs.", "run", "pause", "r", "--reason", "looked odd").ok();
        var again = mitune("runs.", "run", "pause", "r").ok().out();
        assertEquals("run r: is paused already, settings version 3", again.strip());
        var same = mitune("runs.", "run", "set", "r", "--budget-gpu-hours", 2).ok().out();
        assertEquals("run r: unchanged, settings version 3", same.strip());
        var shown = mitune("runs.", "run", "show", "r").ok().out();
        assertTrue(shown.contains("settings    version 3 of "), shown);
        assertTrue(shown.contains("reason      looked odd"), shown);
        assertTrue(shown.contains("rounds      no end, new-seeds"), shown);
        assertTrue(
                shown.contains("2.000 GPU hours, any candidates, until 2027-01-01T00:00:00Z"),
                shown);
        mitune("runs.", "run", "resume", "r").ok();
        var twice = mitune("runs.", "run", "resume", "r").ok().out();
        assertEquals("run r: is not paused, settings version 4", twice.strip());
        var records = json(mitune("runs.", "tap", "runs").ok());
        assertEquals(4, records.size());
        var last = records.get(records.size() - 1).get("value");
        assertFalse(last.get("paused").asBoolean());
        assertEquals(7200.0, last.get("budgetSeconds").asDouble());
        assertTrue(mitune("runs.", "run", "list").ok().out().contains("not seen yet"));

        var draw = mitune("runs.", "run", "set", "r", "--draw", "none").failedInOneLine();
        assertTrue(draw.contains("draw: expected new-seeds or same-seeds"), draw);
        var hours = mitune("runs.", "run", "set", "r", "--budget-gpu-hours", -1).failedInOneLine();
        assertTrue(hours.contains("--budget-gpu-hours: expected 0 to"), hours);
        var until = mitune("runs.", "run", "set", "r", "--until", "soon").failedInOneLine();
        assertTrue(until.contains("--until: expected a time as"), until);
        var missing = mitune("runs.", "run", "show", "q").failedInOneLine();
        assertTrue(missing.contains("RUN: expected one of [r], found q"), missing);
    }

    @Test
    void missingTopicsAreTold() {
        var line = mitune("nothing.", "tap", "prompts").failedInOneLine();
        assertTrue(line.contains("topic nothing.prompts: expected it to exist"), line);
    }

    private static AdapterEvent event(int version, String status) {
        return AdapterEvent.newBuilder()
                .setRun("r")
                .setVersion(version)
                .setRound(version)
                .setStep(240 * version)
                .setParentVersion(version - 1)
                .setStatus(status)
                .setMetrics(Map.of("loss", 0.125))
                .setCreatedAt(Instant.EPOCH)
                .build();
    }

    private static Connection connection(String prefix) {
        return new Connection(
                stack.bootstrapServers(), stack.schemaRegistryUrl(), prefix, Map.of());
    }

    private static Result mitune(String prefix, Object... words) {
        return CommandLineRunner.on(connection(prefix), words);
    }

    private static List<JsonNode> json(Result result) {
        var json = new ObjectMapper();
        return result.out()
                .lines()
                .map(
                        line -> {
                            try {
                                return json.readTree(line);
                            } catch (IOException e) {
                                throw new AssertionError(line, e);
                            }
                        })
                .toList();
    }
}
