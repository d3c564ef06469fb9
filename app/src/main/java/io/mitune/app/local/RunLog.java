package io.mitune.app.local;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the topics of a run from their beginning and keeps a {@link RunState} up to date.
 *
 * <p>It reads without a consumer group, so watching neither slows nor changes the stream; a record
 * that cannot be read is left to the role that answers for it. Thread-safe; close it.
 */
public final class RunLog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RunLog.class);
    private static final Duration POLL = Duration.ofMillis(250);

    private final Connection connection;
    private final RunState state = new RunState();
    private final Map<String, Consumer<byte[]>> readers = new HashMap<>();
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, Long> ends;
    private final Thread thread = new Thread(this::follow, "run-log");
    private volatile boolean caughtUp;
    private volatile RuntimeException failure; // null while all is well

    /** Starts reading; the topics must exist. */
    public RunLog(Connection connection) {
        this.connection = connection;
        var topics = connection.topics();
        read(topics.candidates(), state::add);
        read(topics.curated(), state::add);
        read(topics.trainingSteps(), state::add);
        read(topics.evaluations(), state::add);
        read(topics.adapters(), state::addCurrent);
        read(topics.adapterHistory(), state::addHistory);
        readers.put(topics.deadLetters().name(), bytes -> state.addDeadLetter());
        var bytes = new ByteArrayDeserializer();
        consumer = new KafkaConsumer<>(connection.consumerProperties(), bytes, bytes);
        var partitions = partitions();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        ends = new HashMap<>(consumer.endOffsets(partitions));
        thread.setDaemon(true);
        thread.start();
    }

    /** What the log says so far. */
    public RunState state() {
        return state;
    }

    /** Whether everything is read that was there at the start. */
    public boolean caughtUp() {
        if (failure != null) {
            throw failure;
        }
        return caughtUp;
    }

    @Override
    public void close() {
        consumer.wakeup();
        try {
            thread.join(Duration.ofSeconds(10).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private <V extends SpecificRecord> void read(Topic<V> topic, Consumer<V> action) {
        var deserializer = connection.serde(topic.type()).deserializer();
        readers.put(
                topic.name(),
                bytes -> action.accept(deserializer.deserialize(topic.name(), bytes)));
    }

    private List<TopicPartition> partitions() {
        var partitions = new ArrayList<TopicPartition>();
        for (var topic : readers.keySet()) {
            consumer.partitionsFor(topic)
                    .forEach(p -> partitions.add(new TopicPartition(topic, p.partition())));
        }
        return partitions;
    }

    private void follow() {
        try (consumer) {
            while (true) {
                consumer.poll(POLL).forEach(this::apply);
                ends.entrySet().removeIf(e -> consumer.position(e.getKey()) >= e.getValue());
                caughtUp = ends.isEmpty();
            }
        } catch (WakeupException e) {
            log.debug("closed");
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private void apply(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            return;
        }
        try {
            readers.get(record.topic()).accept(record.value());
        } catch (SerializationException e) {
            log.warn(
                    "{} offset {}: passed over: {}", record.topic(), record.offset(), e.toString());
        }
    }
}
