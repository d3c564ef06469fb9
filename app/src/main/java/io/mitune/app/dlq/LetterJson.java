package io.mitune.app.dlq;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.app.log.RecordJson;
import io.mitune.schemas.Connection;
import java.util.Base64;

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
            var record = DeadLetterValues.of(connection, letter);
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
}
