package io.mitune.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP in front of {@link RegistryApi}: bounded bodies in, JSON out, problems as error codes.
 *
 * <p>A browser must not be talked into using the registry by a page of some other site, so the Host
 * header has to be the loopback's. Thread-safe.
 */
final class RegistryHandler implements HttpHandler {
    private static final Logger log = LoggerFactory.getLogger(RegistryHandler.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_BODY_BYTES = 1 << 20;

    private final RegistryApi api;

    RegistryHandler(RegistryApi api) {
        this.api = api;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            int status = 200;
            Object answer;
            try {
                answer = api.answer(request(exchange));
            } catch (RegistryProblem e) {
                status = e.status();
                answer = Map.of("error_code", e.code(), "message", e.getMessage());
            } catch (RuntimeException e) {
                String what = exchange.getRequestMethod() + " " + exchange.getRequestURI();
                if (e instanceof EmbeddedException known) {
                    log.error("{}: {}", what, known.getMessage());
                } else {
                    log.error("{}", what, e);
                }
                status = 500;
                answer = Map.of("error_code", 50001, "message", String.valueOf(e.getMessage()));
            }
            byte[] bytes = JSON.writeValueAsBytes(answer);
            exchange.getResponseHeaders()
                    .set("Content-Type", "application/vnd.schemaregistry.v1+json");
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(status, head ? -1 : bytes.length);
            if (!head) {
                exchange.getResponseBody().write(bytes);
            }
        }
    }

    private static RegistryApi.Request request(HttpExchange exchange) throws IOException {
        String host = String.valueOf(exchange.getRequestHeaders().getFirst("Host"));
        if (!host.matches("(127\\.0\\.0\\.1|localhost|\\[::1])(:[0-9]+)?")) {
            throw new RegistryProblem(403, 40301, "Host: expected 127.0.0.1, found another");
        }
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
        if (body.length > MAX_BODY_BYTES) {
            throw new RegistryProblem(
                    413, 41301, "body: expected at most " + MAX_BODY_BYTES + " bytes, found more");
        }
        List<String> path =
                Arrays.stream(exchange.getRequestURI().getRawPath().split("/"))
                        .filter(part -> !part.isEmpty())
                        .map(part -> URLDecoder.decode(part, StandardCharsets.UTF_8))
                        .toList();
        String query = Optional.ofNullable(exchange.getRequestURI().getQuery()).orElse("");
        List<String> flags = Arrays.asList(query.split("&"));
        return new RegistryApi.Request(exchange.getRequestMethod(), path, flags, json(body));
    }

    private static JsonNode json(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            throw new RegistryProblem(400, 40001, "body: expected JSON, found something else");
        }
    }
}
