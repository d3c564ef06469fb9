package io.mitune.workers.training;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a trainer writes: events together with the offsets that they rest on, all or nothing.
 *
 * <p>The transactional id is the run's, so opening this log fences an older trainer of the run: its
 * next transaction fails, and what it had not finished is undone. Not thread-safe.
 */
final class TrainerLog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TrainerLog.class);
    private static final int ATTEMPTS = 5;
    private static final Duration READERS = Duration.ofSeconds(15);
    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final Duration CLOSE = Duration.ofSeconds(5);

    private final Connection connection;
    private final String run;
    private final Producer<byte[], byte[]> transactional;
    private final Producer<byte[], byte[]> plain;
    private final Map<TopicPartition, Long> written = new ConcurrentHashMap<>();

    /**
     * How far curated records are dealt with.
     *
     * @param group whose offsets they are
     * @param next next offset of each partition
     */
    record Consumed(ConsumerGroupMetadata group, Map<TopicPartition, Long> next) {}

    private TrainerLog(Connection connection, String run, String transactionalId) {
        this.connection = connection;
        this.run = run;
        Map<String, Object> properties = connection.producerProperties();
        properties.put("transactional.id", transactionalId);
        transactional = newProducer(properties);
        plain = newProducer(connection.producerProperties());
    }

    /** Becomes the only trainer of the run. */
    static TrainerLog open(Connection connection, String run, String transactionalId) {
        var opened = new TrainerLog(connection, run, transactionalId);
        try {
            opened.transactional.initTransactions();
            return opened;
        } catch (KafkaException e) {
            opened.close();
            throw new TrainerException("trainer of run " + run + ": " + e.getMessage(), e);
        }
    }

    /** A record under the key of the run, or another. */
    <V extends SpecificRecord> ProducerRecord<byte[], byte[]> record(
            Topic<V> topic, String key, V value) {
        return new ProducerRecord<>(
                topic.name(),
                key.getBytes(StandardCharsets.UTF_8),
                connection.serde(topic.type()).serializer().serialize(topic.name(), value));
    }

    /** Writes one record at once, outside any transaction. */
    void report(ProducerRecord<byte[], byte[]> record) {
        plain.send(record);
    }

    /**
     * Writes the records and the curated offsets, all or nothing.
     *
     * @throws TrainerFencedException when another trainer of the run has started
     */
    void commit(List<ProducerRecord<byte[], byte[]>> records, Consumed consumed) {
        var failures = new ArrayList<KafkaException>();
        while (failures.size() < ATTEMPTS) {
            try {
                transactional.beginTransaction();
                records.forEach(record -> transactional.send(record, this::note));
                untilAnswered(
                        () ->
                                transactional.sendOffsetsToTransaction(
                                        metadata(consumed.next()), consumed.group()));
                untilAnswered(transactional::commitTransaction);
                return;
            } catch (ProducerFencedException | InvalidProducerEpochException e) {
                throw new TrainerFencedException(run, e);
            } catch (KafkaException e) {
                log.warn("{}: a transaction failed and is repeated: {}", run, e.getMessage());
                failures.add(e);
                abort();
            }
        }
        throw new TrainerException(
                "trainer of run %s: gave up writing after %d tries: %s"
                        .formatted(run, ATTEMPTS, failures.get(ATTEMPTS - 1).getMessage()),
                failures.get(0));
    }

    /** Runs in the producer's thread. */
    private void note(RecordMetadata at, Exception failure) {
        if (failure == null) {
            written.put(new TopicPartition(at.topic(), at.partition()), at.offset());
        }
    }

    /**
     * Returns when readers see what was committed. Brokers answer a commit before that, and a
     * command that comes next would miss it.
     */
    void awaitReaders() {
        var bytes = new ByteArrayDeserializer();
        long end = System.nanoTime() + READERS.toNanos();
        try (var reader = new KafkaConsumer<>(connection.consumerProperties(), bytes, bytes)) {
            while (!isSeenBy(reader)) {
                if (System.nanoTime() > end) {
                    log.warn("{}: readers do not see the last events yet", run);
                    return;
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        } catch (KafkaException e) {
            log.warn("{}: readers may not see the last events yet: {}", run, e.getMessage());
        }
    }

    private boolean isSeenBy(KafkaConsumer<byte[], byte[]> reader) {
        var ends = reader.endOffsets(written.keySet(), READERS);
        return written.entrySet().stream().allMatch(w -> ends.get(w.getKey()) > w.getValue());
    }

    /** A call that timed out has not failed: the broker is away, and the same call goes on. */
    private void untilAnswered(Runnable call) {
        while (true) {
            try {
                call.run();
                return;
            } catch (TimeoutException e) {
                log.warn("{}: waits for the broker: {}", run, e.getMessage());
            }
        }
    }

    private void abort() {
        try {
            untilAnswered(transactional::abortTransaction);
        } catch (ProducerFencedException | InvalidProducerEpochException e) {
            throw new TrainerFencedException(run, e);
        } catch (KafkaException e) {
            throw new TrainerException(
                    "trainer of run %s: cannot undo a transaction: %s"
                            .formatted(run, e.getMessage()),
                    e);
        }
    }

    private static Map<TopicPartition, OffsetAndMetadata> metadata(
            Map<TopicPartition, Long> offsets) {
        return offsets.entrySet().stream()
                .collect(
                        Collectors.toMap(
                                Map.Entry::getKey, e -> new OffsetAndMetadata(e.getValue())));
    }

    private static Producer<byte[], byte[]> newProducer(Map<String, Object> properties) {
        // a broker that is away for long is waited for
        properties.putIfAbsent("delivery.timeout.ms", "3600000");
        return new KafkaProducer<>(
                properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public void close() {
        transactional.close(CLOSE);
        plain.close(CLOSE);
    }
}
