package io.mitune.schemas.serde;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;

/** A registry that gives the scripted answers, then the last one for ever. */
public final class FakeRegistry implements AutoCloseable {
    private record Answer(int status, String body) {}

    private final HttpServer http;
    private final Queue<Answer> answers = new ArrayDeque<>();
    private final List<String> calls = Collections.synchronizedList(new ArrayList<>());

    public FakeRegistry() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        http.createContext(
                "/",
                exchange -> {
                    var headers = exchange.getRequestHeaders();
                    calls.add(
                            exchange.getRequestMethod()
                                    + " "
                                    + exchange.getRequestURI()
                                    + " "
                                    + headers.getFirst("Authorization"));
                    exchange.getRequestBody().readAllBytes();
                    Answer answer = answers.size() > 1 ? answers.remove() : answers.element();
                    byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(answer.status(), bytes.length);
                    exchange.getResponseBody().write(bytes);
                    exchange.close();
                });
        http.start();
    }

    public FakeRegistry then(int status, String body) {
        answers.add(new Answer(status, body));
        return this;
    }

    /** METHOD PATH AUTHORIZATION of each call so far. */
    public List<String> calls() {
        return List.copyOf(calls);
    }

    public String url() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    @Override
    public void close() {
        http.stop(0);
    }
}
