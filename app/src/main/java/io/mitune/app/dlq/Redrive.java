package io.mitune.app.dlq;

import io.mitune.app.cli.UserError;
import io.mitune.schemas.ClientNames;
import io.mitune.schemas.Connection;
import io.mitune.schemas.DeadLetters;
import io.mitune.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends dead letters to the topic that they came from, each once.
 *
 * <p>The record and the word that it was sent are one transaction, so a redrive that is killed and
 * begun anew sends nothing twice; a second one at the same time fences the first. The bytes and the
 * partition are those of the failed record. Belongs to one thread.
 */
final class Redrive implements AutoCloseable {
    private static final int PER_TRANSACTION = 100;
    private static final long MAX_BYTES = 4 << 20;

    private final Connection connection;
    private final Producer<byte[], byte[]> producer;
    private final List<DeadLetter> taken = new ArrayList<>();
    private long takenBytes;

    /** Waits for the transaction of a redrive that was killed; read the letters after this. */
    Redrive(Connection connection) {
        this.connection = connection;
        var properties = connection.producerProperties();
        var names = new ClientNames(connection.topics().prefix());
        properties.put("transactional.id", names.redrive());
        var bytes = new ByteArraySerializer();
        producer = new KafkaProducer<>(properties, bytes, bytes);
        try {
            producer.initTransactions();
        } catch (KafkaException e) {
            producer.close();
            throw new UserError("dlq redrive: cannot begin: " + e.getMessage(), e);
        }
    }

    /** Why a letter cannot be sent again, if so. */
    static Optional<String> fault(Connection connection, DeadLetter letter) {
        var topics = connection.topics();
        Set<String> known =
                topics.all().stream()
                        .filter(t -> t != topics.deadLetters())
                        .map(Topic::name)
                        .collect(Collectors.toSet());
        if (!known.contains(letter.topic())) {
            return Optional.of("expected a topic of this stream, found '" + letter.topic() + "'");
        }
        return letter.isTruncated()
                ? Optional.of("only the beginning of its value was kept")
                : Optional.empty();
    }

    /** Takes a letter without a fault; it is sent with those around it, or at the end. */
    void send(DeadLetter letter) {
        taken.add(letter);
        takenBytes += Math.max(0, letter.raw().serializedValueSize());
        if (taken.size() == PER_TRANSACTION || takenBytes >= MAX_BYTES) {
            commit();
        }
    }

    /** Returns when readers see all that was sent. Once. */
    void finish() {
        if (!taken.isEmpty()) {
            commit();
        }
        new Redrive(connection).close(); // begins only when the last commit can be read
    }

    /** No transaction is open while letters are looked for: that may take longer than it may. */
    private void commit() {
        transactional(
                () -> {
                    producer.beginTransaction();
                    for (var letter : taken) {
                        producer.send(again(letter));
                        producer.send(mark(letter));
                    }
                    producer.commitTransaction();
                });
        taken.clear();
        takenBytes = 0;
    }

    private static void transactional(Runnable work) {
        try {
            work.run();
        } catch (ProducerFencedException | InvalidProducerEpochException e) {
            throw new UserError("dlq redrive: another one has begun; this one stops", e);
        } catch (KafkaException e) {
            var cause = e.getCause() == null ? e : e.getCause();
            throw new UserError(
                    "dlq redrive: a transaction failed and was undone: %s; the same command goes on"
                            .formatted(cause.getMessage()),
                    e);
        }
    }

    private ProducerRecord<byte[], byte[]> again(DeadLetter letter) {
        var headers = letter.ownHeaders();
        headers.add(DeadLetters.REDRIVES, utf8(Integer.toString(letter.redrives() + 1)));
        Integer partition =
                letter.partition().filter(p -> p < partitions(letter.topic())).orElse(null);
        return new ProducerRecord<>(
                letter.topic(), partition, letter.raw().key(), letter.raw().value(), headers);
    }

    private int partitions(String topic) {
        return producer.partitionsFor(topic).size();
    }

    private ProducerRecord<byte[], byte[]> mark(DeadLetter letter) {
        var headers = new RecordHeaders().add(DeadLetters.REDRIVEN, utf8(letter.id()));
        var topic = connection.topics().deadLetters().name();
        return new ProducerRecord<>(
                topic, letter.raw().partition(), letter.raw().key(), null, headers);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        producer.close();
    }
}
