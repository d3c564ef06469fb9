package io.mitune.app.survey;

import io.mitune.app.cli.ErrorLine;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Vote;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes votes, each acknowledged by all replicas before the voter sees the next page. Thread-safe.
 *
 * <p>A vote whose acknowledgement does not come in time may still arrive: it is the same answer, so
 * giving it again does no harm.
 */
final class VoteWriter implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(VoteWriter.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final String topic;
    private final Producer<String, Vote> producer;

    VoteWriter(Connection connection) {
        topic = connection.topics().votes().name();
        var properties = connection.producerProperties();
        properties.putIfAbsent("max.block.ms", Long.toString(PATIENCE.toMillis()));
        var votes = connection.serde(Vote.class).serializer();
        producer = new KafkaProducer<>(properties, new StringSerializer(), votes);
    }

    void write(Vote vote) {
        try {
            producer.send(new ProducerRecord<>(topic, vote.getPromptId(), vote))
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            log.warn("a vote could not be written: {}", ErrorLine.of(e));
            throw notSaved();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw notSaved();
        }
    }

    @Override
    public void close() {
        producer.close(PATIENCE);
    }

    private static SurveyFault notSaved() {
        return new SurveyFault(
                503, "Your answer could not be saved just now. Please go back and try again.");
    }
}
