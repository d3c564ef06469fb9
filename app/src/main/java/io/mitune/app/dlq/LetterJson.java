package io.mitune.app.dlq;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.app.stream.RecordJson;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.util.Base64;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;

/** Dead letters as JSON for scripts and people. Stateless. */
final class LetterJson {
    private LetterJson() {}

    /** The facts, on one line. */
    static String line(DeadLetter letter, boolean redriven) {
        return facts(letter, redriven).toString();
    }

    /** The facts, the stack trace, and the value: decoded where it can be, else in base 64. */
    static String whole(Connection connection, DeadLetter letter, boolean redriven) {
        var json = facts(letter, redriven);
        letter.stackTrace().ifPresent(trace -> json.put("stackTrace", trace));
        var value = letter.raw().value();
        if (value != null) {
            var record = decoded(connection, letter);
            record.ifPresent(r -> json.set("value", RecordJson.of(r)));
            if (record.isEmpty()) {
                json.put("base64", Base64.getEncoder().encodeToString(value));
            }
        }
        return json.toPrettyString();
    }

    private static ObjectNode facts(DeadLetter letter, boolean redriven) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", letter.id())
                .put("at", letter.at().toString())
                .put("record", letter.source())
                .put("key", letter.key())
                .put("role", letter.role())
                .put("reason", letter.reason())
                .put("redrives", letter.redrives())
                .put("sentAgain", redriven)
                .put("truncated", letter.isTruncated());
    }

    private static Optional<SpecificRecord> decoded(Connection connection, DeadLetter letter) {
        return connection.topics().all().stream()
                .filter(topic -> topic.name().equals(letter.topic()))
                .filter(topic -> SpecificRecord.class.isAssignableFrom(topic.type()))
                .findFirst()
                .flatMap(topic -> decoded(connection, topic, letter.raw().value()));
    }

    private static Optional<SpecificRecord> decoded(
            Connection connection, Topic<?> topic, byte[] value) {
        try {
            var serde = connection.serde(topic.type().asSubclass(SpecificRecord.class));
            return Optional.of(serde.deserializer().deserialize(topic.name(), value));
        } catch (SerializationException e) {
            return Optional.empty();
        }
    }
}
