package io.mitune.app.stream;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.app.cli.UserError;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads a topic without a group, so that looking changes nothing, and gives each record as a line
 * of JSON. A record that cannot be read is a line too, with the reason. Belongs to one thread.
 */
final class Tap<V> implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Connection connection;
    private final Topic<V> topic;
    private final boolean untilEnd;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, Long> ends;
    private final Deque<ConsumerRecord<byte[], byte[]>> read = new ArrayDeque<>();

    Tap(Connection connection, Topic<V> topic, boolean fromBeginning, boolean untilEnd) {
        this.connection = connection;
        this.topic = topic;
        this.untilEnd = untilEnd;
        var properties = connection.consumerProperties();
        properties.put("allow.auto.create.topics", "false");
        properties.putIfAbsent("default.api.timeout.ms", (int) PATIENCE.toMillis());
        var bytes = new ByteArrayDeserializer();
        consumer = new KafkaConsumer<>(properties, bytes, bytes);
        try {
            var partitions = partitions();
            consumer.assign(partitions);
            ends = consumer.endOffsets(partitions);
            if (fromBeginning) {
                consumer.seekToBeginning(partitions);
            } else {
                ends.forEach(consumer::seek);
            }
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    /** The next record as a line; nothing at the end, or when told to stop. */
    Optional<String> next(BooleanSupplier stopped) {
        while (read.isEmpty() && !stopped.getAsBoolean()) {
            if (untilEnd && ends.entrySet().stream().allMatch(this::reached)) {
                return Optional.empty();
            }
            consumer.poll(POLL).forEach(read::add);
        }
        return Optional.ofNullable(read.poll()).map(this::line);
    }

    @Override
    public void close() {
        consumer.close();
    }

    private List<TopicPartition> partitions() {
        try {
            var infos = consumer.partitionsFor(topic.name());
            if (infos == null || infos.isEmpty()) {
                throw new UserError(
                        "topic " + topic.name() + ": expected it to exist; see mitune topics");
            }
            return infos.stream().map(i -> new TopicPartition(i.topic(), i.partition())).toList();
        } catch (TimeoutException e) {
            throw new UserError(
                    "kafka at %s: expected an answer within %d s, found none; is it running?"
                            .formatted(connection.bootstrapServers(), PATIENCE.toSeconds()),
                    e);
        }
    }

    private boolean reached(Map.Entry<TopicPartition, Long> end) {
        return consumer.position(end.getKey()) >= end.getValue();
    }

    private String line(ConsumerRecord<byte[], byte[]> record) {
        var line = JsonNodeFactory.instance.objectNode();
        line.put("partition", record.partition());
        line.put("offset", record.offset());
        line.put("timestamp", Instant.ofEpochMilli(record.timestamp()).toString());
        line.put("key", record.key() == null ? null : text(record.key()));
        var headers = JsonNodeFactory.instance.objectNode();
        for (Header header : record.headers()) {
            headers.put(header.key(), header.value() == null ? null : text(header.value()));
        }
        if (!headers.isEmpty()) {
            line.set("headers", headers);
        }
        putValue(line, record);
        return line.toString();
    }

    private void putValue(ObjectNode line, ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            line.putNull("value");
        } else if (!SpecificRecord.class.isAssignableFrom(topic.type())) {
            line.put("bytes", record.value().length);
        } else {
            try {
                var type = topic.type().asSubclass(SpecificRecord.class);
                var serde = connection.serde(type);
                var value = serde.deserializer().deserialize(topic.name(), record.value());
                line.set("value", RecordJson.of(value));
            } catch (SerializationException e) {
                line.put("unreadable", e.getMessage());
            }
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
