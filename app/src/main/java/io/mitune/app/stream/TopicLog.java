package io.mitune.app.stream;

import io.mitune.app.cli.UserError;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads a topic without a group, so that looking changes nothing. Belongs to one thread. */
public final class TopicLog implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Where to start, and whether to go on past what is the end now. */
    enum Extent {
        FROM_NOW(false, false),
        FROM_BEGINNING(true, false),
        UNTIL_END(true, true);

        private final boolean fromBeginning;
        private final boolean untilEnd;

        Extent(boolean fromBeginning, boolean untilEnd) {
            this.fromBeginning = fromBeginning;
            this.untilEnd = untilEnd;
        }
    }

    private final Extent extent;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, Long> ends;
    private final long size;
    private final Deque<ConsumerRecord<byte[], byte[]>> read = new ArrayDeque<>();

    TopicLog(Connection connection, Topic<?> topic, Extent extent) {
        this.extent = extent;
        var properties = connection.consumerProperties();
        properties.put("allow.auto.create.topics", "false");
        properties.putIfAbsent("default.api.timeout.ms", (int) PATIENCE.toMillis());
        var bytes = new ByteArrayDeserializer();
        consumer = new KafkaConsumer<>(properties, bytes, bytes);
        try {
            var partitions = partitions(connection, topic);
            consumer.assign(partitions);
            ends = consumer.endOffsets(partitions);
            size = size(consumer.beginningOffsets(partitions), ends);
            if (extent.fromBeginning) {
                consumer.seekToBeginning(partitions);
            } else {
                ends.forEach(consumer::seek);
            }
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    /** The topic from the beginning to its present end. */
    public static TopicLog untilEnd(Connection connection, Topic<?> topic) {
        return new TopicLog(connection, topic, Extent.UNTIL_END);
    }

    /** The end of each partition when this was opened. */
    public SortedMap<Integer, Long> ends() {
        var byPartition = new TreeMap<Integer, Long>();
        ends.forEach((partition, end) -> byPartition.put(partition.partition(), end));
        return byPartition;
    }

    /** Offsets from the beginning to those ends; some may hold no record. */
    public long size() {
        return size;
    }

    /** All readable values of a topic, from the beginning to its present end. */
    public static <V extends SpecificRecord> List<V> values(Connection connection, Topic<V> topic) {
        var values = new ArrayList<V>();
        var serde = connection.serde(topic.type()).deserializer();
        try (var log = new TopicLog(connection, topic, Extent.UNTIL_END)) {
            for (var r = log.next(() -> false); r.isPresent(); r = log.next(() -> false)) {
                Optional.ofNullable(serde.deserialize(topic.name(), r.get().value()))
                        .ifPresent(values::add);
            }
        }
        return values;
    }

    /** All records of a topic as they lie there, from the beginning to its present end. */
    public static List<ConsumerRecord<byte[], byte[]>> records(
            Connection connection, Topic<?> topic) {
        var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        try (var log = new TopicLog(connection, topic, Extent.UNTIL_END)) {
            for (var r = log.next(() -> false); r.isPresent(); r = log.next(() -> false)) {
                records.add(r.get());
            }
        }
        return records;
    }

    /**
     * Gives the readable values of a topic one by one, from the beginning to its present end.
     *
     * @param faults gets one line for each record that cannot be read
     */
    public static <V extends SpecificRecord> void forEach(
            Connection connection, Topic<V> topic, Consumer<V> values, Consumer<String> faults) {
        var serde = connection.serde(topic.type()).deserializer();
        try (var log = new TopicLog(connection, topic, Extent.UNTIL_END)) {
            for (var r = log.next(() -> false); r.isPresent(); r = log.next(() -> false)) {
                try {
                    Optional.ofNullable(serde.deserialize(topic.name(), r.get().value()))
                            .ifPresent(values);
                } catch (SerializationException e) {
                    faults.accept(
                            "record %s-%d at %d: %s"
                                    .formatted(
                                            topic.name(),
                                            r.get().partition(),
                                            r.get().offset(),
                                            e.getMessage()));
                }
            }
        }
    }

    /** The next record; nothing at the end, or when told to stop. */
    public Optional<ConsumerRecord<byte[], byte[]>> next(BooleanSupplier stopped) {
        while (read.isEmpty() && !stopped.getAsBoolean()) {
            if (extent.untilEnd && ends.entrySet().stream().allMatch(this::isReached)) {
                return Optional.empty();
            }
            consumer.poll(POLL).forEach(read::add);
        }
        return Optional.ofNullable(read.poll());
    }

    @Override
    public void close() {
        consumer.close();
    }

    private static long size(Map<TopicPartition, Long> begins, Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream()
                .mapToLong(e -> e.getValue() - begins.getOrDefault(e.getKey(), 0L))
                .sum();
    }

    private List<TopicPartition> partitions(Connection connection, Topic<?> topic) {
        try {
            var infos = consumer.partitionsFor(topic.name());
            if (infos == null || infos.isEmpty()) {
                throw new UserError(
                        "topic %s: expected it to exist, found none; mitune topics create makes it"
                                .formatted(topic.name()));
            }
            return infos.stream().map(i -> new TopicPartition(i.topic(), i.partition())).toList();
        } catch (TimeoutException e) {
            throw new UserError(
                    "kafka at %s: expected an answer within %d s, found none; is it running?"
                            .formatted(connection.bootstrapServers(), PATIENCE.toSeconds()),
                    e);
        }
    }

    private boolean isReached(Map.Entry<TopicPartition, Long> end) {
        return consumer.position(end.getKey()) >= end.getValue();
    }
}
