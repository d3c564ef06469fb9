package io.mitune.workers.training;

import io.mitune.schemas.Connection;
import io.mitune.schemas.RunLimits;
import io.mitune.schemas.RunSettings;
import io.mitune.schemas.Topic;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How stale samples may be, as the run's standing settings say.
 *
 * <p>A trainer asks once for each version and keeps the answer in its checkpoints: between two
 * versions nothing depends on when the settings were changed. Used by one thread.
 */
final class StandingStaleness implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StandingStaleness.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration CLOSE = Duration.ofSeconds(5);

    private final Connection connection;
    private final String run;
    private final Topic<RunSettings> topic;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;
    private int value = StreamWindow.OWN;

    StandingStaleness(Connection connection, String run) {
        this.connection = connection;
        this.run = run;
        topic = connection.topics().runs();
        consumer =
                new KafkaConsumer<>(
                        connection.consumerProperties(),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer());
        partitions =
                consumer.partitionsFor(topic.name()).stream()
                        .map(p -> new TopicPartition(p.topic(), p.partition()))
                        .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** Versions that a sample may be behind by now, or {@link StreamWindow#OWN}. */
    int now() {
        var ends = consumer.endOffsets(partitions);
        while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
            consumer.poll(POLL).forEach(record -> take(record.offset(), record.value()));
        }
        return value;
    }

    private void take(long offset, byte[] bytes) {
        try {
            var serde = connection.serde(topic.type()).deserializer();
            var settings = serde.deserialize(topic.name(), bytes);
            if (settings == null || !settings.getRun().equals(run)) {
                return;
            }
            RunLimits.fault(settings)
                    .ifPresentOrElse(
                            fault -> log.warn("{}@{}: skipped: {}", topic.name(), offset, fault),
                            () -> value = settings.getMaxStaleness());
        } catch (SerializationException e) {
            log.warn("{}@{}: skipped: {}", topic.name(), offset, e.getMessage());
        }
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(CLOSE));
    }
}
