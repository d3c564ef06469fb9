package io.mitune.app.log;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.ProgressBar;
import io.mitune.app.cli.UserError;
import io.mitune.schemas.ClientNames;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import java.util.List;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Gives a new run its curated records, all or none: one transaction, so that no trainer ever sees a
 * part of them. Stateless.
 */
public final class CuratedWriter {
    private static final String TIMEOUT_MS = "600000";

    private CuratedWriter() {}

    /**
     * @param run whose records they are
     */
    public static void write(
            Connection connection, Console console, String run, List<CuratedSample> samples) {
        var topic = connection.topics().curated();
        var properties = connection.producerProperties();
        var names = new ClientNames(connection.topics().prefix());
        properties.put("transactional.id", names.curatedWriter(run));
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
