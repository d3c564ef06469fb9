package io.mitune.app.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.cli.UserError;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who gets in, what comes back when something is wrong, and how it stops; over real HTTP. */
class WebServerTest {
    private static final String TOKEN = "0123456789abcdef-test";
    private static final String BEARER = "Bearer " + TOKEN;

    private static void routes(Routes routes) {
        routes.get("/", Access.TOKEN, ctx -> ctx.html("home"));
        routes.get("/open", Access.PUBLIC, ctx -> ctx.html("open"));
        routes.get("/bug", Access.PUBLIC, ctx -> fail("secret detail"));
        routes.post("/api/echo", Access.TOKEN, ctx -> Json.send(ctx, Json.read(ctx, 1000)));
        routes.post("/vote", Access.PUBLIC, ctx -> ctx.result("thanks"));
        routes.files("/assets", "io/mitune/app/web", Access.PUBLIC);
    }

    private static void fail(String why) {
        throw new IllegalStateException(why);
    }

    private static WebServer open() {
        return WebServer.start(WebSettings.loopback(0), List.of(WebServerTest::routes));
    }

    private static WebServer guarded() {
        return WebServer.start(
                WebSettings.loopback(0).withToken(TOKEN), List.of(WebServerTest::routes));
    }

    @Test
    void programsShowTheToken() {
        try (var server = guarded()) {
            var http = new HttpProbe(server.port());
            var refused = http.get("/");
            assertEquals(401, refused.statusCode());
            assertEquals("Bearer", refused.headers().firstValue("WWW-Authenticate").orElse(""));
            assertEquals("Authorization", HttpProbe.json(refused).get("field").asText());
            assertEquals(401, http.get("/", "Authorization", BEARER + "x").statusCode());
            assertEquals(401, http.get("/", "Authorization", "Basic " + TOKEN).statusCode());
            assertEquals(401, http.post("/api/echo", "{}").statusCode());
            assertEquals(200, http.get("/", "Authorization", BEARER).statusCode());
            assertEquals(
                    "{\"a\":1}",
                    http.post("/api/echo", "{\"a\": 1}", "Authorization", BEARER).body());
        }
    }

    @Test
    void peopleLogInOnce() {
        try (var server = guarded()) {
            var http = new HttpProbe(server.port());
            var asked = http.get("/", "Accept", "text/html");
            assertEquals(303, asked.statusCode());
            var login = asked.headers().firstValue("Location").orElse("");
            assertEquals("/login?next=%2F", login);
            assertTrue(http.get(login).body().contains("type=\"password\""));

            var wrong = http.form(login, "token=guess");
            assertTrue(wrong.headers().firstValue("Location").orElse("").endsWith("#wrong"));
            assertTrue(wrong.headers().firstValue("Set-Cookie").isEmpty());

            var right = http.form("/login?next=//evil.example", "token=" + TOKEN);
            assertEquals("/", right.headers().firstValue("Location").orElse(""));
            var cookie = right.headers().firstValue("Set-Cookie").orElse("");
            assertTrue(cookie.contains("HttpOnly"), cookie);
            assertTrue(cookie.contains("SameSite=Strict"), cookie);
            assertFalse(cookie.contains(TOKEN), cookie);
            var session = cookie.split(";")[0];
            assertEquals("home", http.get("/", "Cookie", session).body());
            assertEquals(401, http.get("/", "Cookie", session + "0").statusCode());
        }
    }

    @Test
    void guessingTheTokenIsSlow() {
        try (var server = guarded()) {
            var http = new HttpProbe(server.port());
            assertEquals(303, http.form("/login", "token=guess").statusCode());
            var refused = http.form("/login", "token=" + TOKEN);
            for (var i = 0; i < 20 && refused.statusCode() != 429; i++) { // it fills meanwhile
                http.form("/login", "token=guess");
                refused = http.form("/login", "token=" + TOKEN);
            }
            assertEquals(429, refused.statusCode());
            assertTrue(refused.headers().firstValueAsLong("Retry-After").orElse(0) >= 1);
        }
    }

    @Test
    void publicRoutesNeedNeitherTokenNorCookie() {
        try (var server = guarded()) {
            var http = new HttpProbe(server.port());
            assertEquals("open", http.get("/open").body());
            var vote = http.post("/vote", "{}");
            assertEquals("thanks", vote.body());
            assertTrue(vote.headers().firstValue("Set-Cookie").isEmpty());
        }
    }

    @Test
    void offLoopbackATokenIsNeeded() {
        var e =
                assertThrows(
                        UserError.class,
                        () ->
                                new WebSettings(
                                        "metrics",
                                        "0.0.0.0",
                                        0,
                                        Optional.empty(),
                                        Set.of(),
                                        Optional.empty(),
                                        WebLimits.DEFAULT));
        assertEquals(
                "--metrics-host 0.0.0.0: expected a token for an address off loopback, found none; give --metrics-token-file or the environment variable MITUNE_METRICS_TOKEN",
                e.getMessage());
        var weak = WebSettings.loopback(0);
        assertThrows(UserError.class, () -> weak.withToken("short"));
        assertFalse(weak.withToken(TOKEN).toString().contains(TOKEN));
    }

    @Test
    void otherSitesGetNothingDone() throws IOException {
        try (var server = open()) {
            var http = new HttpProbe(server.port());
            var rebound =
                    http.raw("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
            assertTrue(rebound.startsWith("HTTP/1.1 421"), rebound);
            assertTrue(rebound.contains("found evil.example; such as localhost"), rebound);
            assertFalse(rebound.contains("--"), "the command may have no such option: " + rebound);
            var own = "http://127.0.0.1:" + server.port();
            assertEquals(403, vote(http, "Origin", "http://evil.example"));
            assertEquals(403, vote(http, "Origin", "null"));
            assertEquals(403, vote(http, "Origin", "http://127.0.0.1:1"));
            assertEquals(403, vote(http, "Sec-Fetch-Site", "cross-site"));
            assertEquals(200, vote(http, "Origin", own));
            assertEquals(200, http.post("/vote", "{}").statusCode());
            assertEquals(415, http.form("/api/echo", "a=1").statusCode());
        }
    }

    private static int vote(HttpProbe http, String header, String value) {
        return http.post("/vote", "{}", header, value).statusCode();
    }

    @Test
    void everyAnswerCarriesTheHeaders() {
        try (var server = open()) {
            var http = new HttpProbe(server.port());
            for (var path : List.of("/", "/nothing", "/bug")) {
                var headers = http.get(path).headers();
                var policy = headers.firstValue("Content-Security-Policy").orElse("");
                assertTrue(policy.startsWith("default-src 'none'; script-src 'self'"), policy);
                assertFalse(policy.contains("unsafe"), policy);
                assertEquals("nosniff", headers.firstValue("X-Content-Type-Options").orElse(""));
                assertEquals("same-origin", headers.firstValue("Referrer-Policy").orElse(""));
                assertTrue(headers.firstValue("Server").isEmpty());
            }
        }
    }

    @Test
    void whatIsWrongIsOneLineOfJson() {
        try (var server = open()) {
            var http = new HttpProbe(server.port());
            assertEquals(404, http.get("/nothing").statusCode());
            assertEquals("no such page", error(http.get("/nothing")));
            assertEquals("no such page", error(http.get("/api/nothing", "Accept", "text/html")));
            var page = http.get("/nothing", "Accept", "text/html,*/*;q=0.8");
            assertEquals(404, page.statusCode());
            assertTrue(page.body().contains("<p role=\"alert\">no such page</p>"), page.body());
            var method = http.get("/vote");
            assertEquals(405, method.statusCode());
            assertEquals("method: expected POST, found GET", error(method));
            assertEquals("POST", method.headers().firstValue("Allow").orElse(""));
            var bug = http.get("/bug");
            assertEquals(500, bug.statusCode());
            assertFalse(bug.body().contains("secret"), bug.body());

            var broken = http.post("/api/echo", "{\"a\":\n  1");
            assertEquals(400, broken.statusCode());
            assertTrue(error(broken).contains("line 2"), error(broken));
            assertEquals(400, http.post("/api/echo", "{\"a\":1,\"a\":2}").statusCode());
            assertEquals(400, http.post("/api/echo", "[".repeat(500)).statusCode());
            assertEquals("body: expected JSON, found nothing", error(http.post("/api/echo", " ")));
        }
    }

    @Test
    void aBodyOfNoTypeIsToldAsSuch() throws IOException {
        try (var server = open()) {
            var answer =
                    new HttpProbe(server.port())
                            .raw(
                                    "POST /api/echo HTTP/1.1\r\nHost: localhost\r\n"
                                            + "Connection: close\r\nContent-Length: 2\r\n\r\n{}");
            assertTrue(answer.startsWith("HTTP/1.1 415"), answer);
            assertTrue(answer.contains("expected application/json, found none"), answer);
        }
    }

    @Test
    void whatNoRouteSeesIsRefusedInTheSameForm() throws IOException {
        try (var server = open()) {
            var http = new HttpProbe(server.port());
            var head = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
            for (var request :
                    Map.of(
                                    "GET /%zz" + head,
                                    400,
                                    "GET /../../etc/passwd" + head,
                                    400,
                                    "GET /" + "x".repeat(9000) + head,
                                    414,
                                    "GET /" + head + "X: " + "x".repeat(9000) + "\r\n",
                                    431,
                                    "nonsense\r\n",
                                    400)
                            .entrySet()) {
                var answer = http.raw(request.getKey() + "\r\n");
                assertTrue(answer.startsWith("HTTP/1.1 " + request.getValue()), answer);
                var body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
                assertTrue(body.matches("\\{\"error\":\"[^\"]+\"\\}"), answer);
                assertTrue(answer.contains("Content-Type: application/json"), answer);
                assertTrue(answer.contains("X-Content-Type-Options: nosniff"), answer);
            }
        }
    }

    private static String error(HttpResponse<String> response) {
        return HttpProbe.json(response).get("error").asText();
    }

    @Test
    void largeBodiesAreRefused() throws IOException {
        try (var server = open()) {
            var http = new HttpProbe(server.port());
            var large = http.post("/api/echo", '"' + "x".repeat(2000) + '"');
            assertEquals(413, large.statusCode());
            assertEquals("at most 1000 bytes", HttpProbe.json(large).get("expected").asText());
            var head =
                    "POST /api/echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                            + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
            var chunk = "1000\r\n" + " ".repeat(4096) + "\r\n";
            var chunked = http.raw(head + chunk.repeat(4) + "0\r\n\r\n");
            assertTrue(chunked.startsWith("HTTP/1.1 413"), chunked);
        }
    }

    @Test
    void filesAreKnownByTheirBytes() {
        try (var server = open()) {
            var http = new HttpProbe(server.port());
            var first = http.get("/assets/login.css");
            assertEquals(
                    "text/css; charset=utf-8",
                    first.headers().firstValue("Content-Type").orElse(""));
            var etag = first.headers().firstValue("ETag").orElse("");
            assertEquals(304, http.get("/assets/login.css", "If-None-Match", etag).statusCode());
            assertEquals(200, http.get("/assets/login.css", "If-None-Match", "\"x\"").statusCode());
            for (var path :
                    List.of("nothing.css", "WebServer.class", "%2e%2e/cli/x.css", "a//b.css")) {
                var status = http.get("/assets/" + path).statusCode();
                assertTrue(status == 404 || status == 400, path + ": " + status);
            }
        }
    }

    @Test
    void requestsEndBeforeTheServerDoes() throws Exception {
        var inside = new CountDownLatch(1);
        var leave = new CountDownLatch(1);
        var closed = new CountDownLatch(1);
        WebPart part =
                new WebPart() {
                    @Override
                    public void register(Routes routes) {
                        routes.get(
                                "/slow",
                                Access.TOKEN,
                                ctx -> {
                                    inside.countDown();
                                    assertTrue(leave.await(30, TimeUnit.SECONDS));
                                    ctx.result("whole");
                                });
                    }

                    @Override
                    public void close() {
                        closed.countDown();
                    }
                };
        var server = WebServer.start(WebSettings.loopback(0), List.of(part));
        var http = new HttpProbe(server.port());
        var answer = CompletableFuture.supplyAsync(() -> http.get("/slow").body());
        assertTrue(inside.await(30, TimeUnit.SECONDS));
        var stop = CompletableFuture.runAsync(server::close);
        leave.countDown();
        assertEquals("whole", answer.get(30, TimeUnit.SECONDS));
        stop.get(30, TimeUnit.SECONDS);
        assertEquals(0, closed.getCount());
    }

    @Test
    void theLogDoesNotTellWhoVoted() {
        assertEquals("::1 GET /login", WebServer.whoAndWhat("::1", "GET", "/login"));
        for (var path : List.of("/survey", "/survey/start", "/survey/v/0123/1")) {
            assertEquals("- POST /survey", WebServer.whoAndWhat("::1", "POST", path));
        }
    }

    @Test
    void aTakenPortIsOneLine() {
        try (var server = open()) {
            var same = WebSettings.loopback(server.port());
            var e = assertThrows(UserError.class, () -> WebServer.start(same, List.of()));
            assertTrue(
                    e.getMessage()
                            .startsWith("--http-host 127.0.0.1 --http-port " + server.port() + ":"),
                    e.getMessage());
            assertTrue(
                    server.routes().contains(new Routes.Route("POST", "/api/echo", Access.TOKEN)));
            assertEquals(0, server.eventClients());
        }
    }
}
