package io.mitune.app.log;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.ProgressBar;
import io.mitune.app.cli.UserError;
import io.mitune.schemas.ClientNames;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Topic;
import java.util.List;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Gives a new run its curated records, all or none: one transaction, so that no trainer ever sees a
 * part of them.
 *
 * <p>To be opened before the log is read that says whether the run is free. Opening aborts what a
 * killed command left for this run, so that readers of the topic go on at once, and fences one that
 * still works: of two for one run, the later one writes, or finds what the earlier one wrote. Left
 * alone, the broker aborts a transaction after Kafka's own minute. Belongs to one thread.
 */
public final class CuratedWriter implements AutoCloseable {
    private final Topic<CuratedSample> topic;
    private final KafkaProducer<String, CuratedSample> producer;

    private CuratedWriter(
            Topic<CuratedSample> topic, KafkaProducer<String, CuratedSample> producer) {
        this.topic = topic;
        this.producer = producer;
    }

    /**
     * @param run whose records they will be
     */
    public static CuratedWriter open(Connection connection, String run) {
        var topic = connection.topics().curated();
        var properties = connection.producerProperties();
        var names = new ClientNames(connection.topics().prefix());
        properties.put("transactional.id", names.curatedWriter(run));
        var producer =
                new KafkaProducer<>(
                        properties,
                        new StringSerializer(),
                        connection.serde(topic.type()).serializer());
        try {
            producer.initTransactions();
        } catch (KafkaException e) {
            producer.close();
            throw cannotBeWritten(topic, e);
        }
        return new CuratedWriter(topic, producer);
    }

    /** Once. */
    public void write(Console console, List<CuratedSample> samples) {
        try (var bar = new ProgressBar(console, "written", samples.size(), "records")) {
            producer.beginTransaction();
            for (var sample : samples) {
                producer.send(new ProducerRecord<>(topic.name(), sample.getPromptId(), sample));
                bar.advance(1);
            }
            producer.commitTransaction();
        } catch (KafkaException e) {
            throw cannotBeWritten(topic, e);
        }
    }

    /** What was not committed is aborted. */
    @Override
    public void close() {
        producer.close();
    }

    private static UserError cannotBeWritten(Topic<?> topic, KafkaException e) {
        return new UserError("topic " + topic.name() + ": cannot be written: " + e.getMessage(), e);
    }
}
