package io.mitune.workers.training;

import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.DeadLetters;
import io.mitune.schemas.Topic;
import io.mitune.workers.training.Round.Arrival;
import io.mitune.workers.training.TrainerLog.Consumed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The curated topic as one run's trainer reads it: all partitions, its own records.
 *
 * <p>A record that can't be read is a dead letter, once: the group's committed offsets say how far
 * dead letters have been written. Not thread-safe.
 */
final class CuratedLog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CuratedLog.class);
    private static final Duration CLOSE = Duration.ofSeconds(5);

    /** How often the group's offsets follow what is read, also when nothing is trained. */
    private static final Duration MARK = Duration.ofSeconds(5);

    private final Connection connection;
    private final String run;
    private final TrainerLog out;
    private final Topic<CuratedSample> topic;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions = new ArrayList<>();
    private final Map<TopicPartition, Long> reported = new HashMap<>();
    private Map<TopicPartition, Long> marked = Map.of();
    private long markedAt = System.nanoTime();

    /**
     * @param from partition number to the offset to start at; the beginning where it is missing
     */
    CuratedLog(
            Connection connection,
            String run,
            String group,
            TrainerLog out,
            Map<String, Long> from) {
        this.connection = connection;
        this.run = run;
        this.out = out;
        topic = connection.topics().curated();
        Map<String, Object> properties = connection.consumerProperties();
        properties.put("group.id", group);
        consumer =
                new KafkaConsumer<>(
                        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.partitionsFor(topic.name())
                .forEach(p -> partitions.add(new TopicPartition(p.topic(), p.partition())));
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        for (var partition : partitions) {
            var offset = from.get(Integer.toString(partition.partition()));
            if (offset != null) {
                consumer.seek(partition, offset);
            }
        }
        consumer.committed(new HashSet<>(partitions))
                .forEach((p, o) -> reported.put(p, o == null ? 0 : o.offset()));
    }

    /**
     * Hands on this run's records that have arrived, waiting a moment for them.
     *
     * @param sink throws IllegalArgumentException to make a record a dead letter
     */
    void poll(Duration wait, Consumer<Arrival> sink) {
        for (var record : consumer.poll(wait)) {
            try {
                var sample = read(record);
                if (sample.getRun().equals(run)) {
                    sink.accept(new Arrival(sample, record));
                }
            } catch (SerializationException | IllegalArgumentException e) {
                bury(record, e.getMessage());
            }
        }
        if (System.nanoTime() - markedAt >= MARK.toNanos()) {
            mark();
        }
    }

    /** Records of other runs are read and done with: without this the group would lag for ever. */
    private void mark() {
        var now = consumed();
        if (!now.next().equals(marked)) {
            out.commit(List.of(), now);
            marked = now.next();
        }
        markedAt = System.nanoTime();
    }

    /** Next offset of each partition. */
    Map<Integer, Long> positions() {
        Map<Integer, Long> positions = new TreeMap<>();
        partitions.forEach(p -> positions.put(p.partition(), consumer.position(p)));
        return positions;
    }

    /** All that was read so far, by an earlier life of this trainer too: no letter comes twice. */
    Consumed consumed() {
        Map<TopicPartition, Long> next = new HashMap<>();
        for (var partition : partitions) {
            next.put(partition, Math.max(consumer.position(partition), reported.get(partition)));
        }
        return new Consumed(consumer.groupMetadata(), next);
    }

    private CuratedSample read(ConsumerRecord<byte[], byte[]> record) {
        var sample =
                connection
                        .serde(topic.type())
                        .deserializer()
                        .deserialize(topic.name(), record.value());
        if (sample == null) {
            throw new IllegalArgumentException("curated sample: expected a value, found none");
        }
        if (sample.getRound() < 1) {
            throw new IllegalArgumentException(
                    "curated sample: round: expected 1 or more, found " + sample.getRound());
        }
        return sample;
    }

    /** Writes the dead letter of a record, unless an earlier life of this trainer did. */
    private void bury(ConsumerRecord<byte[], byte[]> record, String reason) {
        var partition = new TopicPartition(record.topic(), record.partition());
        if (record.offset() < reported.getOrDefault(partition, 0L)) {
            return;
        }
        log.warn("{}@{}: {}", partition, record.offset(), reason);
        var letter = letter(record, reason);
        var upToHere = Map.of(partition, record.offset() + 1);
        out.commit(List.of(letter), new Consumed(consumer.groupMetadata(), upToHere));
        reported.put(partition, record.offset() + 1);
    }

    /** The dead letter of a curated record. */
    ProducerRecord<byte[], byte[]> letter(ConsumerRecord<byte[], byte[]> record, String reason) {
        return DeadLetters.of(connection.topics(), record, "trainer " + run, reason);
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(CLOSE));
    }
}
