package io.mitune.app.log;

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
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.utils.Utils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a topic without a group, so that looking changes nothing. Belongs to one thread. */
public final class TopicLog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TopicLog.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final int MAX_FETCH_BYTES = 4 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final boolean follow;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, Long> ends;
    private final long size;
    private final Deque<ConsumerRecord<byte[], byte[]>> read = new ArrayDeque<>();

    /**
     * Opens it and finds the place to start.
     *
     * @param follow whether to go on past what is the end now
     */
    public TopicLog(Connection connection, Topic<?> topic, StartAt start, boolean follow) {
        this(connection, topic, start, follow, (partition, count) -> true);
    }

    private TopicLog(
            Connection connection,
            Topic<?> topic,
            StartAt start,
            boolean follow,
            BiPredicate<Integer, Integer> wanted) {
        this.follow = follow;
        var properties = connection.consumerProperties();
        properties.put("allow.auto.create.topics", "false");
        properties.putIfAbsent("default.api.timeout.ms", (int) PATIENCE.toMillis());
        properties.putIfAbsent("fetch.max.bytes", MAX_FETCH_BYTES);
        var bytes = new ByteArrayDeserializer();
        consumer = new KafkaConsumer<>(properties, bytes, bytes);
        try {
            var all = partitions(connection, topic);
            var partitions =
                    all.stream().filter(p -> wanted.test(p.partition(), all.size())).toList();
            consumer.assign(partitions);
            ends = consumer.endOffsets(partitions);
            size = size(consumer.beginningOffsets(partitions), ends);
            start.seek(consumer, ends);
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    /** The topic from the beginning to its present end. */
    public static TopicLog untilEnd(Connection connection, Topic<?> topic) {
        return new TopicLog(connection, topic, new StartAt.Beginning(), false);
    }

    /** Only the partition where Java clients put this key, up to its present end. */
    public static TopicLog ofKey(Connection connection, Topic<?> topic, byte[] key, StartAt start) {
        return new TopicLog(
                connection,
                topic,
                start,
                false,
                (partition, count) -> partition == Utils.toPositive(Utils.murmur2(key)) % count);
    }

    /** All readable values of a topic, from the beginning to its present end. */
    public static <V extends SpecificRecord> List<V> values(Connection connection, Topic<V> topic) {
        var values = new ArrayList<V>();
        forEach(connection, topic, values::add, fault -> log.warn("{}: passed over", fault));
        return values;
    }

    /** All records of a topic as they lie there, from the beginning to its present end. */
    public static List<ConsumerRecord<byte[], byte[]>> records(
            Connection connection, Topic<?> topic) {
        var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        try (var all = untilEnd(connection, topic)) {
            all.forEach(records::add);
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
        try (var all = untilEnd(connection, topic)) {
            all.forEach(record -> value(record, serde, faults).ifPresent(values));
        }
    }

    /**
     * A record's value; nothing where it has none or cannot be read.
     *
     * @param faults gets one line when it cannot be read
     */
    public static <V> Optional<V> value(
            ConsumerRecord<byte[], byte[]> record, Deserializer<V> serde, Consumer<String> faults) {
        try {
            return Optional.ofNullable(serde.deserialize(record.topic(), record.value()));
        } catch (SerializationException e) {
            faults.accept(
                    "record %s-%d at %d: %s"
                            .formatted(
                                    record.topic(),
                                    record.partition(),
                                    record.offset(),
                                    e.getMessage()));
            return Optional.empty();
        }
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

    /** Gives the records that are left, up to the end that was asked for. */
    public void forEach(Consumer<ConsumerRecord<byte[], byte[]>> action) {
        for (var r = next(() -> false); r.isPresent(); r = next(() -> false)) {
            action.accept(r.get());
        }
    }

    /** The next record; nothing at the end, or when told to stop. */
    public Optional<ConsumerRecord<byte[], byte[]>> next(BooleanSupplier stopped) {
        while (!stopped.getAsBoolean()) {
            var record = poll();
            if (record.isPresent() || isAtEnd()) {
                return record;
            }
        }
        return Optional.empty();
    }

    /** The next record, if there is one within a short wait. */
    public Optional<ConsumerRecord<byte[], byte[]>> poll() {
        if (read.isEmpty() && !isAtEnd()) {
            consumer.poll(POLL).forEach(read::add);
        }
        return Optional.ofNullable(read.poll());
    }

    /** Whether the next one has to be waited for. */
    public boolean isDry() {
        return read.isEmpty();
    }

    /** Whether all was given up to the end that was asked for. */
    public boolean isAtEnd() {
        return !follow && read.isEmpty() && ends.entrySet().stream().allMatch(this::isReached);
    }

    /** By partition, the offset that is read next; before the first record, where it starts. */
    public Map<Integer, Long> positions() {
        var positions = new TreeMap<Integer, Long>();
        ends.keySet().forEach(p -> positions.put(p.partition(), consumer.position(p)));
        return positions;
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
