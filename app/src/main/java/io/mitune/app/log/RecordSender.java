package io.mitune.app.log;

import io.mitune.app.cli.UserError;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes the one record that a command is about. Stateless. */
public final class RecordSender {
    private RecordSender() {}

    /** Appends a record and returns when the brokers have it. */
    public static <V extends SpecificRecord> void send(
            Connection connection, Topic<V> topic, String key, V value) {
        try (var producer =
                new KafkaProducer<>(
                        connection.producerProperties(),
                        new StringSerializer(),
                        connection.serde(topic.type()).serializer())) {
            producer.send(new ProducerRecord<>(topic.name(), key, value)).get();
        } catch (ExecutionException e) {
            throw new UserError(
                    "topic " + topic.name() + ": cannot be written: " + e.getCause().getMessage(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserError(
                    "topic " + topic.name() + ": interrupted before the brokers had the record", e);
        }
    }
}
