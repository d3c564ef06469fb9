package io.mitune.app.api;

import static io.mitune.app.api.PromptRecords.candidate;
import static io.mitune.app.api.PromptRecords.curated;
import static io.mitune.app.api.PromptRecords.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.mitune.app.CommandLineRunner;
import io.mitune.app.log.TopicLog;
import io.mitune.app.tap.TapFormatter;
import io.mitune.app.web.HttpProbe;
import io.mitune.app.web.RateLimit;
import io.mitune.app.web.WebServer;
import io.mitune.app.web.WebSettings;
import io.mitune.embedded.EmbeddedStack;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Identity;
import io.mitune.schemas.Topic;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.tools.consumer.ConsoleConsumer;
import org.apache.kafka.tools.consumer.ConsoleConsumerOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The API as its clients see it: real HTTP, a real broker and registry. */
class ApiIT {
    private static final RateLimit.Rate MUCH = new RateLimit.Rate(1000, 1000);

    private static EmbeddedStack stack;
    private static Connection connection;
    private static WebServer server;
    private static HttpProbe http;

    @BeforeAll
    static void start() {
        stack = EmbeddedStack.temporary();
        connection =
                new Connection(stack.bootstrapServers(), stack.schemaRegistryUrl(), "a.", Map.of());
        tool("topics", "create");
        server = serve();
        http = new HttpProbe(server.port());
    }

    @AfterAll
    static void stop() {
        server.close();
        stack.close();
    }

    private static WebServer serve() {
        return WebServer.start(
                WebSettings.loopback(0), ApiParts.of(connection, new RateLimit(MUCH, MUCH)));
    }

    @Test
    void aBatchIsPublishedOnce() {
        var body = "{\"run\":\"once\",\"prompts\":[{\"text\":\"a cat\"},{\"text\":\"a dog\"}]}";
        var first = http.post("/api/prompts", body);
        assertEquals(201, first.statusCode(), first.body());
        assertEquals("2", added(first));
        var answer = HttpProbe.json(first);
        assertEquals(1, answer.get("round").asInt());
        var batch = answer.get("batch").asText();
        assertEquals(Identity.promptId(batch, 1, "a dog"), answer.get("promptIds").get(1).asText());
        var again = http.post("/api/prompts", body);
        assertEquals("0", added(again));
        assertEquals(answer, HttpProbe.json(again));
        var next = http.post("/api/prompts", "{\"run\":\"once\",\"text\":\"a bird\"}");
        assertEquals(2, HttpProbe.json(next).get("round").asInt());
        var other = body.replace("}]", "}],\"batch\":\"" + batch + "\"").replace("a dog", "a cow");
        assertEquals(409, http.post("/api/prompts", other).statusCode());
    }

    @Test
    void aKeyMeansOnePublicationEvenAfterARestart() {
        var body = "{\"run\":\"key\",\"text\":\"a cat\",\"candidates\":3}";
        var first = http.post("/api/prompts", body, "Idempotency-Key", "order 66");
        assertEquals(201, first.statusCode(), first.body());
        var same = "{\"candidates\": 3, \"text\": \"a cat\", \"run\": \"key\"}";
        try (var restarted = serve()) {
            var probe = new HttpProbe(restarted.port());
            var again = probe.post("/api/prompts", same, "Idempotency-Key", "order 66");
            assertEquals(201, again.statusCode());
            assertEquals(first.body(), again.body());
            assertEquals("0", added(again));
            for (var other : List.of(body.replace("cat", "dog"), body.replace("key", "yek"))) {
                var refused = probe.post("/api/prompts", other, "Idempotency-Key", "order 66");
                assertEquals(409, refused.statusCode(), refused.body());
                assertEquals("Idempotency-Key", HttpProbe.json(refused).get("field").asText());
            }
            var next = probe.post("/api/prompts", body, "Idempotency-Key", "order 67");
            assertNotEquals(first.body(), next.body());
            assertEquals("1", added(next));
        }
    }

    @Test
    void faultsNameTheirFields() {
        var refused = http.post("/api/prompts", "{\"prompts\":[{\"text\":\"\"}],\"seeds\":1}");
        assertEquals(400, refused.statusCode());
        var json = HttpProbe.json(refused);
        assertEquals("/prompts/0/text", json.get("field").asText());
        assertEquals("/seeds", json.get("errors").get(1).get("field").asText());
        var large = "{\"text\":\"" + "x".repeat(PublishApi.MAX_BYTES) + "\"}";
        assertEquals(413, http.post("/api/prompts", large).statusCode());
    }

    @Test
    void tooManyRequestsAreRefusedInTime() {
        var few = new RateLimit(new RateLimit.Rate(2, 0.001), MUCH);
        try (var strict = WebServer.start(WebSettings.loopback(0), ApiParts.of(connection, few))) {
            var probe = new HttpProbe(strict.port());
            assertEquals(400, probe.post("/api/prompts", "{}").statusCode());
            assertEquals(400, probe.post("/api/prompts", "{}").statusCode());
            var refused = probe.post("/api/prompts", "{}");
            assertEquals(429, refused.statusCode());
            assertTrue(refused.headers().firstValueAsLong("Retry-After").orElse(0) > 0);
        }
    }

    @Test
    void aPromptsStateFollowsTheLog() {
        var published =
                HttpProbe.json(
                        http.post(
                                "/api/prompts",
                                "{\"run\":\"state\",\"text\":\"a fox\",\"candidates\":3}"));
        var id = published.get("promptIds").get(0).asText();
        var waiting = round(id);
        assertEquals("waiting", waiting.get("state").asText());
        assertEquals(3, waiting.get("open").asInt());
        assertTrue(waiting.get("best").isNull());

        var candidates = connection.topics().candidates();
        send(candidates, id, candidate(id, 0, 2.5), candidate(id, 1, Double.NaN));
        send(candidates, id, candidate(id, 0, 2.5));
        var drawing = round(id);
        assertEquals("drawing", drawing.get("state").asText());
        assertEquals(2, drawing.get("arrived").asInt());
        assertEquals(1, drawing.get("failed").asInt());
        assertEquals(0, drawing.get("best").get("index").asInt());

        send(candidates, id, candidate(id, 2, 7.5));
        assertEquals("drawn", round(id).get("state").asText());
        send(connection.topics().curated(), id, curated(id, 2, 7.5));
        var curated = round(id);
        assertEquals("curated", curated.get("state").asText());
        assertEquals(7.5, curated.get("curated").get(0).get("mi").asDouble());

        var unknown = http.get("/api/prompts/" + "0".repeat(32));
        assertEquals(404, unknown.statusCode());
        assertTrue(HttpProbe.json(unknown).get("error").asText().startsWith("prompt 0000"));
        assertEquals(404, http.get("/api/prompts/x").statusCode());
    }

    @Test
    void runsThatShareAPromptAreToldApart() {
        var id = "5".repeat(32);
        send(connection.topics().prompts(), id, request(id, "one", 3), request(id, "two", 5));
        var mine = Candidate.newBuilder(candidate(id, 0, 2.5)).setRun("one").build();
        send(connection.topics().candidates(), id, mine, candidate(id, 1, 9));
        var kept = CuratedSample.newBuilder(curated(id, 0, 2.5)).setRun("one").build();
        send(connection.topics().curated(), id, kept, curated(id, 1, 9));

        var both = HttpProbe.json(http.get("/api/prompts/" + id)).get("rounds");
        assertEquals(2, both.size());
        assertEquals("one", both.get(0).get("run").asText());
        assertEquals(3, both.get(0).get("requested").asInt());
        assertEquals(1, both.get(0).get("arrived").asInt());
        assertEquals(2.5, both.get(0).get("curated").get(0).get("mi").asDouble());
        assertEquals("waiting", both.get(1).get("state").asText());

        var two = HttpProbe.json(http.get("/api/prompts/" + id + "?run=two"));
        assertEquals("two", two.get("run").asText());
        assertEquals(1, two.get("rounds").size());
        assertEquals(5, two.get("rounds").get(0).get("requested").asInt());
        var none = http.get("/api/prompts/" + id + "?run=three");
        assertEquals(404, none.statusCode());
        assertTrue(none.body().contains("in run three"), none.body());
    }

    @Test
    void parametersThatNobodyKnowsAreRefused() {
        for (var path :
                List.of(
                        "/api/tap/candidates?fltr=mi",
                        "/api/tap/candidates?follow=false&follow=true",
                        "/api/prompts/" + "0".repeat(32) + "?rn=one",
                        "/api/openapi.json?pretty")) {
            assertEquals(400, http.get(path).statusCode(), path);
        }
        var answer = HttpProbe.json(http.get("/api/tap/candidates?fltr=mi&max=1&max=2"));
        assertEquals(
                "query: expected one of from, follow, filter, max, lastEventId, found fltr",
                answer.get("error").asText());
        assertEquals(
                "max: expected it once, found 2 times",
                answer.get("errors").get(1).get("error").asText());
        var post = http.post("/api/prompts?run=x", "{\"text\":\"a fox\",\"run\":\"query\"}");
        assertEquals(400, post.statusCode(), post.body());
        assertTrue(post.body().contains("expected no parameter, found run"), post.body());
    }

    private static JsonNode round(String id) {
        var answer = http.get("/api/prompts/" + id);
        assertEquals(200, answer.statusCode(), answer.body());
        return HttpProbe.json(answer).get("rounds").get(0);
    }

    @Test
    void aTapGoesOnWhereItWasWithoutLossOrRepetition() throws IOException {
        var topic = connection.topics().candidates();
        for (var i = 0; i < 40; i++) {
            var id = "tap" + i % 7;
            send(topic, id, candidate(id, i, i));
        }
        var seen = new ArrayList<String>();
        var last = "";
        for (var turn = 0; turn < 4; turn++) {
            var path = "/api/tap/candidates?from=beginning&max=10&filter=" + url("key ~ tap");
            var body = turn == 0 ? http.get(path) : http.get(path, "Last-Event-ID", last);
            assertEquals(200, body.statusCode(), body.body());
            for (var event : body.body().split("\n\n")) {
                if (event.contains("event: record")) {
                    seen.add(event.replaceAll("(?s).*\"candidateId\":\"([^\"]*)\".*", "$1"));
                    last = event.replaceAll("(?s).*id: (\\S+).*", "$1");
                }
            }
        }
        assertEquals(40, seen.size());
        assertEquals(40, new HashSet<>(seen).size(), seen.toString());
        var rest =
                http.get("/api/tap/candidates?filter=" + url("key ~ tap"), "Last-Event-ID", last);
        assertTrue(rest.body().contains("event: end"), rest.body());
        assertTrue(!rest.body().contains("event: record"), rest.body());
    }

    @Test
    void aTapFollowsAsLinesOfJson() throws IOException {
        var topic = connection.topics().curated();
        var path = "/api/tap/curated?follow&filter=" + url("key = live and mi > 3");
        var open = http.open(path, "Accept", "application/x-ndjson");
        try (var lines =
                new BufferedReader(new InputStreamReader(open.body(), StandardCharsets.UTF_8))) {
            send(topic, "live", curated("live", 0, 2), curated("live", 1, 4));
            var line = lines.readLine();
            assertTrue(line.contains("\"mi\":4.0"), line);
        }
    }

    @Test
    void wrongTapsAreToldBeforeAnythingIsSent() {
        assertEquals(404, http.get("/api/tap/nothing").statusCode());
        var filter = http.get("/api/tap/candidates?filter=" + url("mi > x"));
        assertEquals(400, filter.statusCode());
        assertTrue(HttpProbe.json(filter).get("error").asText().contains("at character 6"));
        for (var query : List.of("from=soon", "max=0", "follow=perhaps", "lastEventId=1:x")) {
            assertEquals(400, http.get("/api/tap/candidates?" + query).statusCode(), query);
        }
        var ahead = http.get("/api/tap/candidates", "Last-Event-ID", "0:99999999");
        assertEquals(400, ahead.statusCode(), ahead.body());
    }

    @Test
    void theCommandShowsTheSame() {
        var topic = connection.topics().curated();
        send(topic, "cli", curated("cli", 0, 1), curated("cli", 1, 5));
        var line = tool("tap", "curated", "--filter", "key = cli and mi > 3");
        assertEquals(1, line.lines().count(), line);
        var csv = tool("tap", "curated", "--filter", "key = cli", "--format", "csv");
        assertEquals(3, csv.split("\r\n").length, csv);
        var table = tool("tap", "curated", "--filter", "key = cli", "--format", "table");
        assertEquals(4, table.lines().count(), table);
        var recent = tool("tap", "curated", "--from", "-PT10M", "--filter", "key = cli");
        assertEquals(2, recent.lines().count(), recent);
        var none = tool("tap", "curated", "--from", "2100-01-01T00:00:00Z");
        assertEquals("", none);
        var followed =
                tool(
                        "tap",
                        "curated",
                        "--from",
                        "beginning",
                        "--follow",
                        "--max-messages",
                        "2",
                        "--filter",
                        "key = cli");
        assertEquals(2, followed.lines().count());
        for (var wrong :
                List.of(
                        List.of("--filter", "mii > 3"),
                        List.of("--from", "soon"),
                        List.of("--from", "latest"),
                        List.of("--format", "xml"))) {
            var words = new ArrayList<Object>(List.of("tap", "curated"));
            words.addAll(wrong);
            assertTrue(run(words.toArray()).failedInOneLine().contains(": expected"));
        }
    }

    @Test
    void kafkasOwnConsoleConsumerShowsTheSame() throws IOException {
        var topic = connection.topics().curated();
        send(topic, "console", curated("console", 0, 1), curated("console", 1, 5));
        var records = Integer.toString(TopicLog.records(connection, topic).size());
        var printed = new ByteArrayOutputStream();
        var before = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            ConsoleConsumer.run(
                    new ConsoleConsumerOptions(
                            new String[] {
                                "--bootstrap-server",
                                stack.bootstrapServers(),
                                "--topic",
                                topic.name(),
                                "--from-beginning",
                                "--max-messages",
                                records,
                                "--timeout-ms",
                                "60000",
                                "--formatter",
                                TapFormatter.class.getName(),
                                "--formatter-property",
                                "schema.registry.url=" + stack.schemaRegistryUrl(),
                                "--formatter-property",
                                "topic.prefix=a."
                            }));
        } finally {
            System.setOut(before);
        }
        var lines = printed.toString(StandardCharsets.UTF_8);
        var theirs = lines.lines().filter(line -> line.contains("\"key\":\"console\"")).toList();
        var ours = tool("tap", "curated", "--filter", "key = console").lines().toList();
        assertEquals(2, ours.size());
        assertEquals(ours, theirs);
    }

    private static String added(HttpResponse<String> answer) {
        return answer.headers().firstValue("Prompts-Added").orElse("");
    }

    private static String url(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String tool(Object... words) {
        return run(words).ok().out();
    }

    private static CommandLineRunner.Result run(Object... words) {
        return CommandLineRunner.on(connection, words);
    }

    @SafeVarargs
    private static <V extends SpecificRecord> void send(Topic<V> topic, String key, V... values) {
        var serializer = connection.serde(topic.type()).serializer();
        try (var producer =
                new KafkaProducer<>(
                        connection.producerProperties(), new StringSerializer(), serializer)) {
            for (var value : values) {
                producer.send(new ProducerRecord<>(topic.name(), key, value));
            }
        }
    }
}
