package io.mitune.app.log;

import io.mitune.app.cli.UserError;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes the one record that a command is about. Stateless. */
public final class RecordSender {
    private static final Duration PATIENCE = Duration.ofSeconds(90); // above that of transactions
    private static final Duration PAUSE = Duration.ofMillis(20);

    private RecordSender() {}

    /**
     * Appends a record and returns when readers see it. Behind another writer's transaction that is
     * still open they don't, and a command that comes next would decide on what was before.
     */
    public static <V extends SpecificRecord> void send(
            Connection connection, Topic<V> topic, String key, V value) {
        try (var producer =
                new KafkaProducer<>(
                        connection.producerProperties(),
                        new StringSerializer(),
                        connection.serde(topic.type()).serializer())) {
            awaitReaders(
                    connection,
                    producer.send(new ProducerRecord<>(topic.name(), key, value)).get());
        } catch (ExecutionException e) {
            throw new UserError(
                    "topic " + topic.name() + ": cannot be written: " + e.getCause().getMessage(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserError(
                    "topic " + topic.name() + ": interrupted before the record could be read", e);
        }
    }

    private static void awaitReaders(Connection connection, RecordMetadata written)
            throws InterruptedException {
        var partition = new TopicPartition(written.topic(), written.partition());
        var bytes = new ByteArrayDeserializer();
        try (var reader = new KafkaConsumer<>(connection.consumerProperties(), bytes, bytes)) {
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (reader.endOffsets(List.of(partition)).get(partition) <= written.offset()) {
                if (System.nanoTime() > end) {
                    throw new UserError(
                            "topic %s: written, but readers do not see it within %d s; is a"
                                            .formatted(written.topic(), PATIENCE.toSeconds())
                                    + " transaction open?");
                }
                Thread.sleep(PAUSE.toMillis());
            }
        } catch (KafkaException e) {
            throw new UserError(
                    "topic %s: written, but perhaps not to be read yet: %s"
                            .formatted(written.topic(), e.getMessage()),
                    e);
        }
    }
}
