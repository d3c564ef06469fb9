package io.mitune.app.stream;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;

/**
 * A record as one line of JSON: where it lies, its key, headers and value. One that cannot be read
 * is a line too, with the reason. Immutable.
 */
record RecordLine(Connection connection, Topic<?> topic) {

    String of(ConsumerRecord<byte[], byte[]> record) {
        var line = JsonNodeFactory.instance.objectNode();
        line.put("partition", record.partition());
        line.put("offset", record.offset());
        line.put("timestamp", Instant.ofEpochMilli(record.timestamp()).toString());
        putText(line, "key", record.key());
        var headers = JsonNodeFactory.instance.objectNode();
        record.headers().forEach(header -> putText(headers, header.key(), header.value()));
        if (!headers.isEmpty()) {
            line.set("headers", headers);
        }
        putValue(line, record);
        return line.toString();
    }

    private void putValue(ObjectNode line, ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            line.putNull("value");
            return;
        }
        if (!SpecificRecord.class.isAssignableFrom(topic.type())) {
            line.put("bytes", record.value().length);
            return;
        }
        try {
            var serde = connection.serde(topic.type().asSubclass(SpecificRecord.class));
            var value = serde.deserializer().deserialize(topic.name(), record.value());
            line.set("value", RecordJson.of(value));
        } catch (SerializationException e) {
            line.put("unreadable", e.getMessage());
        }
    }

    private static void putText(ObjectNode line, String name, byte[] bytes) {
        line.put(name, bytes == null ? null : new String(bytes, StandardCharsets.UTF_8));
    }
}
