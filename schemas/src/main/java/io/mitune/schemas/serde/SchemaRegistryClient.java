package io.mitune.schemas.serde;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;

/**
 * The calls of Confluent's schema registry REST API that a serde needs, each answer cached.
 *
 * <p>Written here because Confluent's own client is not in Maven's central repository. Schemas and
 * ids never change once given, so a warm cache needs no registry at all. A call that the registry
 * could not answer is repeated, then ends in {@link RegistryUnavailableException}; an answer that
 * condemns the schema is a {@link SerializationException}. Thread-safe.
 */
public final class SchemaRegistryClient {
    /** A schema as the registry knows it. */
    public record Registered(int id, Schema schema) {}

    private record Key(String subject, Schema schema) {}

    private static final ObjectMapper JSON = new ObjectMapper();

    private final RegistryConfig config;
    private final RegistryHttp http;
    private final Map<Key, Integer> ids = new ConcurrentHashMap<>();
    private final Map<String, Registered> latest = new ConcurrentHashMap<>();
    private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();

    public SchemaRegistryClient(RegistryConfig config) {
        this.config = config;
        http = new RegistryHttp(config);
    }

    /**
     * @param properties Confluent's names, see {@link RegistryConfig}; others are ignored
     */
    public static SchemaRegistryClient of(Map<String, ?> properties) {
        return new SchemaRegistryClient(RegistryConfig.of(properties));
    }

    /**
     * What to write a value of {@code schema} with: itself, registered or looked up, or the latest
     * schema of the subject, as configured.
     */
    public Registered forWriting(String subject, Schema schema) {
        if (!config.autoRegister() && config.useLatest()) {
            return latest(subject);
        }
        int id = config.autoRegister() ? register(subject, schema) : lookup(subject, schema);
        schemas.putIfAbsent(id, schema);
        return new Registered(id, schema);
    }

    /** Id of the schema under the subject; registers it when it is new. */
    public int register(String subject, Schema schema) {
        return cached(
                ids,
                new Key(subject, schema),
                () -> number(post(path(subject) + "/versions" + normalize(), schema), "id"));
    }

    /** Id of the schema under the subject; an error when it is not registered there. */
    public int lookup(String subject, Schema schema) {
        return cached(
                ids,
                new Key(subject, schema),
                () -> number(post(path(subject) + normalize(), schema), "id"));
    }

    /** The newest schema of the subject, as of the first call. */
    public Registered latest(String subject) {
        return cached(
                latest,
                subject,
                () -> {
                    JsonNode answer = get(path(subject) + "/versions/latest");
                    return new Registered(number(answer, "id"), parse(answer));
                });
    }

    /** The schema with that id. */
    public Schema byId(int id) {
        return cached(schemas, id, () -> parse(get("/schemas/ids/" + id)));
    }

    /**
     * Asks what everybody may ask.
     *
     * @throws RegistryUnavailableException when there is no answer, or it refuses our credentials
     */
    public void requireAnswer() {
        try {
            get("/schemas/types");
        } catch (SerializationException e) {
            // an answer all the same
        }
    }

    /** Without a lock during the call: two first callers may both ask, and get the same answer. */
    private static <K, T> T cached(Map<K, T> cache, K key, Supplier<T> call) {
        T known = cache.get(key);
        if (known == null) {
            known = call.get();
            cache.put(key, known);
        }
        return known;
    }

    private JsonNode get(String path) {
        return http.call("GET", path, Optional.empty());
    }

    private JsonNode post(String path, Schema schema) {
        String body = JSON.createObjectNode().put("schema", schema.toString()).toString();
        return http.call("POST", path, Optional.of(body));
    }

    private String normalize() {
        return config.normalize() ? "?normalize=true" : "";
    }

    private static String path(String subject) {
        return "/subjects/"
                + URLEncoder.encode(subject, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static int number(JsonNode answer, String field) {
        JsonNode value = answer.path(field);
        if (!value.isInt()) {
            throw new RegistryUnavailableException(
                    "schema registry: expected a number '" + field + "' in its answer", null);
        }
        return value.intValue();
    }

    private static Schema parse(JsonNode answer) {
        String type = answer.path("schemaType").asText("AVRO");
        if (!type.equals("AVRO")) {
            throw new SerializationException(
                    "schema registry: expected an AVRO schema, found " + type);
        }
        try {
            return new Schema.Parser().parse(answer.path("schema").asText());
        } catch (RuntimeException e) {
            throw new SerializationException(
                    "schema registry: expected an Avro schema, found " + oneLine(e), e);
        }
    }

    /** The message of an exception without line breaks, or its class where there is none. */
    static String oneLine(Throwable e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return message.replaceAll("\\s*\\R\\s*", " ");
    }
}
