package io.mitune.producers;

import io.mitune.schemas.Connection;
import io.mitune.schemas.PromptRequest;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what the prompts topic holds of one run, from its beginning to its present end. Records
 * that are no prompts are passed over: the planner moves them to the dead letters. Thread-safe.
 */
final class PromptLog {
    private static final Logger log = LoggerFactory.getLogger(PromptLog.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Connection connection;

    PromptLog(Connection connection) {
        this.connection = connection;
    }

    RunHistory of(String run) {
        var properties = connection.consumerProperties();
        properties.put("allow.auto.create.topics", "false");
        properties.putIfAbsent("default.api.timeout.ms", (int) PATIENCE.toMillis());
        var bytes = new ByteArrayDeserializer();
        try (var consumer = new KafkaConsumer<>(properties, bytes, bytes)) {
            return read(consumer, run);
        } catch (TimeoutException e) {
            throw new PublishException(
                    "kafka at %s: expected an answer within %d s, found none; is it running?"
                            .formatted(connection.bootstrapServers(), PATIENCE.toSeconds()),
                    e);
        }
    }

    private RunHistory read(KafkaConsumer<byte[], byte[]> consumer, String run) {
        var topic = connection.topics().prompts().name();
        var infos = consumer.partitionsFor(topic);
        if (infos == null || infos.isEmpty()) {
            throw new PublishException(
                    "topic " + topic + ": expected it to exist; create the topics first");
        }
        var partitions = infos.stream().map(i -> new TopicPartition(topic, i.partition())).toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        var ends = consumer.endOffsets(partitions);
        var history = new RunHistory();
        var value = connection.serde(PromptRequest.class).deserializer();
        long idleSince = System.nanoTime();
        while (!atEnd(consumer, partitions, ends)) {
            var records = consumer.poll(Duration.ofMillis(500));
            for (var record : records) {
                try {
                    var request = value.deserialize(topic, record.value());
                    if (request != null && request.getRun().equals(run)) {
                        history.add(request);
                    }
                } catch (SerializationException e) {
                    log.debug(
                            "{}-{}@{}: {}",
                            topic,
                            record.partition(),
                            record.offset(),
                            e.toString());
                }
            }
            if (!records.isEmpty()) {
                idleSince = System.nanoTime();
            } else if (System.nanoTime() - idleSince > PATIENCE.toNanos()) {
                throw new TimeoutException("no records from " + topic);
            }
        }
        return history;
    }

    private static boolean atEnd(
            KafkaConsumer<?, ?> consumer,
            List<TopicPartition> partitions,
            java.util.Map<TopicPartition, Long> ends) {
        return partitions.stream().allMatch(p -> consumer.position(p) >= ends.get(p));
    }
}
