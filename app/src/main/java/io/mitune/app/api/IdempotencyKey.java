package io.mitune.app.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.javalin.http.Context;
import io.mitune.app.web.Problem;
import io.mitune.app.web.WebException;
import io.mitune.schemas.Identity;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The {@code Idempotency-Key} of a request, as the name of its batch.
 *
 * <p>The name holds a hash of the key and one of the body, so the prompts topic itself remembers
 * which keys were used for what: nothing else has to be kept, and a restart forgets nothing.
 * Immutable.
 *
 * @param prefix of all batches with this key
 * @param batch name for this body; spaces and the order of fields do not count
 */
record IdempotencyKey(String prefix, String batch) {
    private static final int DIGITS = 16;

    static Optional<IdempotencyKey> of(Context ctx, JsonNode body) {
        return Optional.ofNullable(ctx.header("Idempotency-Key")).map(key -> of(key, body));
    }

    static IdempotencyKey of(String key, JsonNode body) {
        if (!key.matches("[ -~]{1,200}")) {
            throw new WebException(
                    400,
                    Problem.of("Idempotency-Key", "1 to 200 visible ASCII characters", "others"));
        }
        if (body.hasNonNull("batch")) {
            throw new WebException(
                    400,
                    Problem.of("/batch", "none beside an Idempotency-Key, which names it", "one"));
        }
        var prefix = "key-" + hash(key) + "-";
        return new IdempotencyKey(prefix, prefix + hash(sorted(body).toString()));
    }

    private static String hash(String text) {
        return Identity.sha256(text.getBytes(StandardCharsets.UTF_8)).substring(0, DIGITS);
    }

    private static JsonNode sorted(JsonNode node) {
        if (node.isArray()) {
            var array = JsonNodeFactory.instance.arrayNode();
            node.forEach(item -> array.add(sorted(item)));
            return array;
        }
        if (!node.isObject()) {
            return node;
        }
        var fields = new TreeMap<String, JsonNode>();
        for (var field : node.properties()) {
            fields.put(field.getKey(), sorted(field.getValue()));
        }
        var object = JsonNodeFactory.instance.objectNode();
        fields.forEach(object::set);
        return object;
    }
}
