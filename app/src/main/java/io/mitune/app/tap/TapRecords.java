package io.mitune.app.tap;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.app.log.RecordJson;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;

/**
 * Records of one topic as JSON: where each lies, its key, headers and value. One that cannot be
 * read is shown too, with the reason. Immutable.
 */
public record TapRecords(Connection connection, Topic<?> topic) {

    /** The record as one object. */
    public ObjectNode of(ConsumerRecord<byte[], byte[]> record) {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("partition", record.partition());
        json.put("offset", record.offset());
        json.put("timestamp", Instant.ofEpochMilli(record.timestamp()).toString());
        putText(json, "key", record.key());
        var headers = JsonNodeFactory.instance.objectNode();
        record.headers().forEach(header -> putText(headers, header.key(), header.value()));
        if (!headers.isEmpty()) {
            json.set("headers", headers);
        }
        putValue(json, record);
        return json;
    }

    /** Schema of the values; none where they are bytes. */
    Optional<Schema> schema() {
        return SpecificRecord.class.isAssignableFrom(topic.type())
                ? Optional.of(SpecificData.get().getSchema(topic.type()))
                : Optional.empty();
    }

    /** What a filter may name. */
    Map<String, FieldKind> fields() {
        return FieldKind.of(schema());
    }

    /** The form for people who have so many columns. */
    TapFormat table(int width) {
        var name = connection.topics().shortNames().get(topic.name());
        return new TapTable(name, fields(), width);
    }

    /** Compiles a filter over these records. */
    public Filter filter(String text, Instant now) {
        return Filter.compile(text, fields(), now);
    }

    private void putValue(ObjectNode json, ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            json.putNull("value");
            return;
        }
        if (schema().isEmpty()) {
            json.put("bytes", record.value().length);
            return;
        }
        try {
            var serde = connection.serde(topic.type().asSubclass(SpecificRecord.class));
            var value = serde.deserializer().deserialize(topic.name(), record.value());
            json.set("value", RecordJson.of(value));
        } catch (SerializationException e) {
            json.put("unreadable", e.getMessage());
        }
    }

    private static void putText(ObjectNode json, String name, byte[] bytes) {
        json.put(name, bytes == null ? null : new String(bytes, StandardCharsets.UTF_8));
    }
}
