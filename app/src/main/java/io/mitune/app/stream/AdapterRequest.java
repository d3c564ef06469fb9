package io.mitune.app.stream;

import io.mitune.app.cli.UserError;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Connection;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A wish about a run's adapter, which the promotion role grants or not: the same from the command
 * line and from the page. Stateless.
 */
public final class AdapterRequest {
    private AdapterRequest() {}

    /**
     * @param version what to use; below 0 for the one before
     * @param status one of the two that end in -requested
     * @param reason who asks
     */
    public static AdapterEvent of(String run, int version, String status, String reason) {
        return AdapterEvent.newBuilder()
                .setRun(run)
                .setVersion(version)
                .setRound(0)
                .setStep(0)
                .setParentVersion(0)
                .setStatus(status)
                .setReason(reason)
                .setCreatedAt(Instant.now())
                .build();
    }

    /** Appends a wish to the history and returns when the brokers have it. */
    public static void send(Connection connection, AdapterEvent event) {
        var topic = connection.topics().adapterHistory();
        try (var producer =
                new KafkaProducer<>(
                        connection.producerProperties(),
                        new StringSerializer(),
                        connection.serde(topic.type()).serializer())) {
            producer.send(new ProducerRecord<>(topic.name(), event.getRun(), event)).get();
        } catch (ExecutionException e) {
            throw new UserError(
                    "topic " + topic.name() + ": cannot be written: " + e.getCause().getMessage(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserError("interrupted before the brokers had the request", e);
        }
    }
}
