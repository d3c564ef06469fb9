package io.mitune.app.policy;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.ProgressBar;
import io.mitune.app.cli.UserError;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import java.util.List;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes a whole set to the curated topic, or nothing: one transaction, so that no trainer ever
 * sees a part of it. Stateless.
 */
final class CuratedWriter {
    /** Beginning of the transactional id. */
    static final String TRANSACTION = "recurate-";

    private static final String TIMEOUT_MS = "600000";

    private CuratedWriter() {}

    static void write(
            Connection connection, Console console, String run, List<CuratedSample> samples) {
        var topic = connection.topics().curated();
        var properties = connection.producerProperties();
        properties.put("transactional.id", topic.name() + "-" + TRANSACTION + run);
        properties.put("transaction.timeout.ms", TIMEOUT_MS);
        try (var producer =
                        new KafkaProducer<>(
                                properties,
                                new StringSerializer(),
                                connection.serde(topic.type()).serializer());
                var bar = new ProgressBar(console, "written", samples.size(), "records")) {
            producer.initTransactions();
            producer.beginTransaction();
            for (var sample : samples) {
                producer.send(new ProducerRecord<>(topic.name(), sample.getPromptId(), sample));
                bar.advance(1);
            }
            producer.commitTransaction();
        } catch (KafkaException e) {
            throw new UserError(
                    "topic " + topic.name() + ": cannot be written: " + e.getMessage(), e);
        }
    }
}
