package io.mitune.app.survey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.app.CommandLineRunner;
import io.mitune.app.CommandLineRunner.Result;
import io.mitune.app.log.TopicLog;
import io.mitune.app.web.HttpProbe;
import io.mitune.app.web.RateLimit;
import io.mitune.app.web.Routes;
import io.mitune.app.web.WebPart;
import io.mitune.app.web.WebServer;
import io.mitune.app.web.WebSettings;
import io.mitune.diffusion.image.Png;
import io.mitune.embedded.EmbeddedStack;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Vote;
import io.mitune.schemas.blobs.BlobStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The survey as voters see it: real HTTP, a real broker, and the votes as others read them. */
class SurveyIT {
    private static final RateLimit.Rate MUCH = new RateLimit.Rate(1000, 1000);
    private static final Pattern PICTURE = Pattern.compile("/survey/picture/[0-9a-f]{32}");
    private static final String TOKEN = "sixteen characters or more".replace(' ', '-');

    @TempDir static Path folder;

    private static EmbeddedStack stack;
    private static Connection connection;

    @BeforeAll
    static void start() {
        stack = EmbeddedStack.temporary();
        connection =
                new Connection(stack.bootstrapServers(), stack.schemaRegistryUrl(), "s.", Map.of());
        mitune("topics", "create").ok();
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void answersAreSavedOnceAndFoundAgain() throws Exception {
        var plan = plan("once", 2);
        String path;
        try (var server = serve(plan, WebSettings.loopback(0).withToken(TOKEN))) {
            var http = new HttpProbe(server.port());
            var welcome = http.get("/survey");
            assertEquals(200, welcome.statusCode());
            assertTrue(welcome.body().contains("4 questions."), welcome.body());
            var started = http.form("/survey/start", "");
            assertEquals(303, started.statusCode());
            path = location(started).replaceFirst("/1$", "");
            assertTrue(path.matches("/survey/v/[0-9a-f]{32}"), path);
            for (var answer : List.of(welcome, started, http.get(path + "/1"))) {
                assertTrue(answer.headers().firstValue("Set-Cookie").isEmpty());
            }
            assertBlind(http.get(path + "/1").body(), server.port());

            assertEquals(path + "/2", location(SurveyForm.send(http, path + "/1", "choice=1")));
            assertEquals(1, votes("once").size());
            assertEquals(
                    path + "/2",
                    location(SurveyForm.send(http, path + "/1", "choice=1"))); // clicked twice
            assertEquals(1, votes("once").size());
            assertRefused(http, path);

            assertEquals(401, http.get("/survey/results").statusCode());
            assertEquals(401, http.get("/api/survey/results").statusCode());
            assertEquals(1, votes("once").size());
        }
        try (var server = serve(plan("once", 2), WebSettings.loopback(0))) { // after a restart
            var http = new HttpProbe(server.port());
            assertEquals(path + "/2", location(http.get(path)));
            var back = http.get(path + "/1").body();
            assertTrue(back.contains("value=\"1\" checked"), back);
            assertFalse(back.contains("value=\"0\" checked"), back);
            SurveyForm.send(http, path + "/1", "choice=0&choice=1"); // thought better of it
            assertEquals(2, votes("once").size());
            assertEquals(1, VoteLog.latest(votes("once")).size());
            assertTrue(http.get(path + "/done").body().contains("3 questions have no answer"));
            SurveyForm.send(http, path + "/2", "");
            SurveyForm.send(http, path + "/3", "choice=0");
            assertEquals(path + "/done", location(SurveyForm.send(http, path + "/4", "choice=0")));
            assertTrue(http.get(path + "/done").body().contains("All 4 answers are saved"));
            assertEquals(path + "/done", location(http.get(path)));

            var json = HttpProbe.json(http.get("/api/survey/results"));
            assertEquals(4, json.get("answers").asInt());
            assertEquals(1, json.get("voters").asInt());
            assertEquals(4, json.at("/shares/all/plain/shown").asInt());
            assertTrue(http.get("/survey/results").body().contains("secretmethod"));
        }
        assertVotes(path);
        assertExported();
    }

    /** Nothing tells which method a picture is from. */
    private static void assertBlind(String page, int port) throws Exception {
        assertFalse(page.contains("secret") || page.contains("plain"), page);
        assertFalse(page.contains(folder.toString()));
        var pictures = PICTURE.matcher(page).results().map(m -> m.group()).distinct().toList();
        assertEquals(2, pictures.size(), page);
        for (var picture : pictures) {
            var uri = URI.create("http://127.0.0.1:" + port + picture);
            var file =
                    HttpClient.newHttpClient()
                            .send(
                                    HttpRequest.newBuilder(uri).build(),
                                    HttpResponse.BodyHandlers.ofByteArray());
            assertEquals(Map.of(), Png.decode(file.body()).text());
        }
    }

    private static void assertRefused(HttpProbe http, String path) {
        for (var choice :
                List.of("choice=2", "choice=-1", "choice=x", "choice=", "choice=999999")) {
            assertEquals(400, SurveyForm.send(http, path + "/2", choice).statusCode(), choice);
        }
        for (var wrong : List.of("/0", "/5", "/x", "/1%2f", "/99999999999")) {
            assertTrue(http.get(path + wrong).statusCode() >= 400, wrong);
        }
        assertEquals(404, http.get("/survey/v/nobody/1").statusCode());
        assertEquals(404, http.form("/survey/v/NOBODY/1", "choice=0").statusCode());
        assertEquals(404, http.get("/survey/picture/" + "0".repeat(32)).statusCode());
        var elsewhere = http.form(path + "/2", "choice=0", "Origin", "https://example.org");
        assertEquals(403, elsewhere.statusCode());
        var page = http.get("/survey/v/nobody/1").body();
        assertTrue(page.contains("There is no such page."), page);
    }

    private static void assertVotes(String path) {
        var token = path.replaceFirst(".*/", "");
        for (var vote : votes("once")) {
            assertFalse(vote.toString().contains(token), "who reads the topic cannot vote");
            assertEquals(2, vote.getOptions().size());
            var version = vote.getOptions().stream().mapToInt(o -> o.getAdapterVersion()).sum();
            assertEquals(3, version);
        }
        var chosen = votes("once").stream().map(Vote::getChosen).toList();
        assertTrue(chosen.contains(List.of(1)) && chosen.contains(List.of()), chosen.toString());
    }

    private static void assertExported() throws IOException {
        var csv = folder.resolve("votes.csv");
        mitune("survey", "export", "--campaign", "once", "--output", csv).ok();
        var lines = Files.readAllLines(csv);
        assertEquals("category,prompt,plain,secretmethod", lines.get(0));
        assertEquals(5, lines.size());
        assertTrue(lines.stream().anyMatch(l -> l.startsWith("shape,\"a \"\"flat\"\" cone\",")));
        assertTrue(lines.stream().anyMatch(l -> l.endsWith(",True,True")));
        assertTrue(lines.stream().anyMatch(l -> l.endsWith(",False,False")));
        var again = mitune("survey", "export", "--campaign", "once", "--output", csv);
        assertTrue(again.failedInOneLine().contains("--force"), again.err());
        var results = mitune("survey", "results", "--campaign", "once").ok().out();
        assertTrue(results.startsWith("campaign once: voters 1, answers 4"), results);
        var none = mitune("survey", "results", "--campaign", "nobody");
        assertTrue(none.failedInOneLine().contains("expected votes"), none.err());
    }

    @Test
    void anAnswerIsOfTheQuestionThatWasShown() throws Exception {
        String path;
        String shown;
        try (var server = serve(plan("moved", 1), WebSettings.loopback(0))) {
            var http = new HttpProbe(server.port());
            path = location(http.form("/survey/start", "")).replaceFirst("/1$", "");
            shown = SurveyForm.hidden(http, path + "/1");
        }
        var all = plan("moved", 2);
        try (var server = serve(all, WebSettings.loopback(0))) { // with more material
            var http = new HttpProbe(server.port());
            for (var place = 1; place <= 4; place++) {
                var now = path + "/" + place;
                if (!SurveyForm.hidden(http, now).equals(shown)) {
                    var moved = location(http.form(now, shown + "choice=0"));
                    assertEquals(shown, SurveyForm.hidden(http, moved));
                }
                assertEquals(path + "/1", location(http.form(now, "question=gone&choice=0")));
                assertEquals(path + "/1", location(http.form(now, "choice=0")));
            }
            assertEquals(List.of(), votes("moved"));
            SurveyForm.send(http, path + "/3", "choice=0");
            var voter = Voter.of(path.split("/")[3]).orElseThrow();
            var third = all.ballot(voter.id()).pages().get(2).question();
            assertEquals(third.id(), votes("moved").get(0).getQuestionId());
        }
    }

    @Test
    void theBestAndTheWorstCandidateAreCompared() throws Exception {
        var blobs = BlobStore.at(folder.resolve("blobs"));
        var promptId = StreamPrompt.write(connection, blobs, 2, 5, 1);
        var pairs = CandidatePairs.read(connection, blobs, StreamPrompt.RUN, line -> {});
        assertEquals(1, pairs.size());
        var plan = new SurveyPlan("pair", "", pairs, 5);
        try (var server = serve(plan, WebSettings.loopback(0))) {
            var http = new HttpProbe(server.port());
            var first = location(http.form("/survey/start", ""));
            var page = http.get(first).body();
            assertEquals(3, page.split("type=\"radio\"", -1).length - 1, page);
            assertFalse(page.contains("mi\""), page);
            assertEquals(400, SurveyForm.send(http, first, "").statusCode());
            assertEquals(400, SurveyForm.send(http, first, "choice=0&choice=1").statusCode());
            SurveyForm.send(http, first, "choice=none");
            assertEquals(List.of(), votes("pair").get(0).getChosen());
            var voter = Voter.of(first.split("/")[3]).orElseThrow();
            var order = plan.ballot(voter.id()).pages().get(0).order();
            var low = order.get(0).method().equals(CandidatePairs.LOW) ? 0 : 1;
            assertEquals(303, SurveyForm.send(http, first, "choice=" + low).statusCode());
        }
        var vote = votes("pair").get(1);
        var chosen = vote.getOptions().get(vote.getChosen().get(0));
        assertEquals(promptId + "/1/2", chosen.getCandidateId());
        assertEquals(1.0, chosen.getMi());
        var results = mitune("survey", "results", "--campaign", "pair", "--json").ok().out();
        assertEquals(0, new ObjectMapper().readTree(results).at("/mi/share").asInt(-1));
        assertChosenBy("mi-max", promptId + "/1/1");
        mitune("policy", "set", "people", "--vote-weight", 0.9, "--only-recurate", "--keep", 1)
                .ok();
        assertChosenBy("people", promptId + "/1/2");
    }

    /** What a policy makes of the same candidates. */
    private static void assertChosenBy(String policy, String candidateId) throws IOException {
        var file = folder.resolve(policy + ".jsonl");
        var words = List.<Object>of("recurate", "--policy", policy, "--run", StreamPrompt.RUN);
        var args = new ArrayList<>(words);
        args.addAll(List.of("--output", file));
        mitune(args.toArray()).ok();
        var sample = new ObjectMapper().readTree(Files.readString(file));
        assertEquals(candidateId, sample.get("candidateId").asText());
    }

    @Test
    void tooManyVotersAndRequestsAreRefused() throws Exception {
        var plan = plan("few", 2);
        try (var writer = new VoteWriter(connection);
                var server =
                        WebServer.start(
                                WebSettings.loopback(0),
                                List.of(
                                        new SurveyPart(
                                                plan,
                                                new AnswerBook(List.of(), writer::write, 1),
                                                new RateLimit(new RateLimit.Rate(4, 0.01), MUCH),
                                                Clock.systemUTC())))) {
            var http = new HttpProbe(server.port());
            var first = location(http.form("/survey/start", ""));
            var second = location(http.form("/survey/start", ""));
            assertEquals(303, SurveyForm.send(http, first, "choice=0").statusCode());
            assertEquals(503, SurveyForm.send(http, second, "choice=0").statusCode());
            assertEquals(429, http.form("/survey/start", "").statusCode());
        }
    }

    @Test
    void whatCannotBeAskedIsRefusedInOneLine() throws IOException {
        var album = album("one", 0, 1, 2, 3, 4);
        assertRefused("--campaign: expected a name, found none", "survey");
        assertRefused("expected --method, found none", "survey", "--campaign", "c");
        assertRefused(
                "expected 2 to 20 names", "survey", "--campaign", "c", "--method", "a=" + album);
        assertRefused(
                "expected pictures of adapter r@7, found r@0",
                "survey",
                "--campaign",
                "c",
                "--method",
                "r@7=" + album,
                "--method",
                "b=" + album);
        assertRefused(
                "expected scores of BLIP-VQA or HPS",
                "survey",
                "--campaign",
                "c",
                "--form",
                "metrics",
                "--album",
                album);
        assertRefused("--campaign: expected 1 to 100 letters", "survey", "--campaign", "a b");
    }

    private static void assertRefused(String part, Object... words) {
        var line = mitune(words).failedInOneLine();
        assertTrue(line.contains(part), line);
    }

    private static SurveyPlan plan(String campaign, int perCategory) throws IOException {
        var methods =
                List.of(
                        Method.of("plain=" + album("plain", 0, 1, 2, 3, 4)),
                        Method.of("secretmethod=" + album("secret", 3, 2, 3, 4, 5)));
        var questions = MethodFolders.read("methods", methods, SurveyAlbums.nowhere());
        return new SurveyPlan(campaign, "Which picture fits?", questions, perCategory);
    }

    private static Path album(String name, int version, double... mi) throws IOException {
        return SurveyAlbums.write(folder.resolve(name), "r", version, mi);
    }

    private static WebServer serve(SurveyPlan plan, WebSettings settings) {
        var writer = new VoteWriter(connection);
        var known = VoteLog.read(connection, plan.campaign(), line -> {});
        var book = new AnswerBook(known, writer::write, 100);
        var part = new SurveyPart(plan, book, new RateLimit(MUCH, MUCH), Clock.systemUTC());
        return WebServer.start(settings, List.of(part, new Closing(writer)));
    }

    private record Closing(VoteWriter writer) implements WebPart {
        @Override
        public void register(Routes routes) {
            routes.all();
        }

        @Override
        public void close() {
            writer.close();
        }
    }

    private static List<Vote> votes(String campaign) {
        return TopicLog.values(connection, connection.topics().votes()).stream()
                .filter(vote -> vote.getCampaign().equals(campaign))
                .toList();
    }

    private static String location(HttpResponse<String> response) {
        assertEquals(303, response.statusCode(), response.body());
        return response.headers()
                .firstValue("Location")
                .orElseThrow()
                .replaceFirst("^https?://[^/]*", "");
    }

    private static Result mitune(Object... words) {
        var args = new ArrayList<Object>(List.of(words));
        args.addAll(List.of("--bootstrap-server", connection.bootstrapServers()));
        args.addAll(List.of("--schema-registry-url", connection.schemaRegistryUrl()));
        args.addAll(List.of("--topic-prefix", "s."));
        return CommandLineRunner.run(args.toArray());
    }
}
