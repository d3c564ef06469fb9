package io.mitune.schemas.serde;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.common.errors.SerializationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * JSON over HTTP to one of several registry nodes, with bounded retries.
 *
 * <p>A call goes to the node that answered last; a failure moves on to the next one. Thread-safe.
 */
final class RegistryHttp {
    private static final Logger log = LoggerFactory.getLogger(RegistryHttp.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final int MAX_ANSWER_BYTES = 4 << 20;

    private final RegistryConfig config;
    private final HttpClient http;
    private volatile int node;

    RegistryHttp(RegistryConfig config) {
        this.config = config;
        var builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(config.connectTimeout());
        config.tls().ifPresent(builder::sslContext);
        http = builder.build();
    }

    /** The answer to a call; see {@link SchemaRegistryClient} for the errors. */
    JsonNode call(String method, String path, Optional<String> body) {
        Duration wait = config.firstWait();
        for (int attempt = 0; ; attempt++) {
            URI base = config.urls().get(node % config.urls().size());
            String where = "schema registry " + base + ": " + method + " " + path;
            try {
                return once(where, request(base, method, path, body));
            } catch (IOException e) {
                node = (node + 1) % config.urls().size();
                String found = SchemaRegistryClient.oneLine(e);
                if (attempt >= config.maxRetries()) {
                    throw new RegistryUnavailableException(
                            where + ": expected an answer, found " + found + "; is it running?", e);
                }
                log.warn("{}: {}; trying again in {} ms", where, found, wait.toMillis());
            }
            pause(wait);
            Duration doubled = wait.multipliedBy(2);
            wait = doubled.compareTo(config.longestWait()) < 0 ? doubled : config.longestWait();
        }
    }

    private HttpRequest request(URI base, String method, String path, Optional<String> body) {
        var request =
                HttpRequest.newBuilder(URI.create(base + path))
                        .timeout(config.readTimeout())
                        .header("Accept", CONTENT_TYPE)
                        .header("Content-Type", CONTENT_TYPE)
                        .method(
                                method,
                                body.map(BodyPublishers::ofString)
                                        .orElseGet(BodyPublishers::noBody));
        config.authorization().ifPresent(value -> request.header("Authorization", value));
        return request.build();
    }

    private JsonNode once(String where, HttpRequest request) throws IOException {
        HttpResponse<InputStream> response;
        byte[] bytes;
        try {
            response = http.send(request, BodyHandlers.ofInputStream());
            try (InputStream in = response.body()) {
                bytes = in.readNBytes(MAX_ANSWER_BYTES + 1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistryUnavailableException(where + ": interrupted", e);
        }
        int status = response.statusCode();
        Optional<JsonNode> answer = json(bytes);
        if (status / 100 == 2 && answer.isPresent()) {
            return answer.get();
        }
        String message = answer.map(a -> a.path("message").asText("")).orElse("");
        String found = "found status " + status + (message.isEmpty() ? "" : ": " + message);
        found = found.replaceAll("\\s*\\R\\s*", " ");
        boolean aboutTheSchema = answer.map(a -> a.has("error_code")).orElse(false);
        if (aboutTheSchema && (status == 404 || status == 409 || status == 422)) {
            throw new SerializationException(where + ": " + found);
        }
        if (status == 401 || status == 403) {
            throw new RegistryUnavailableException(
                    where + ": " + found + "; check basic.auth.* or bearer.auth.*", null);
        }
        throw new IOException(found);
    }

    private static Optional<JsonNode> json(byte[] bytes) {
        if (bytes.length > MAX_ANSWER_BYTES) {
            return Optional.empty();
        }
        try {
            JsonNode answer = JSON.readTree(bytes);
            return answer.isMissingNode() ? Optional.empty() : Optional.of(answer);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static void pause(Duration wait) {
        try {
            long millis = wait.toMillis();
            Thread.sleep(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistryUnavailableException("schema registry: interrupted", e);
        }
    }
}
