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
    private final Connection connection;
    private final String run;
    private final Topic<CuratedSample> topic;
    private final KafkaProducer<String, CuratedSample> producer;

    private CuratedWriter(Connection connection, String run) {
        this.connection = connection;
        this.run = run;
        topic = connection.topics().curated();
        var properties = connection.producerProperties();
        var names = new ClientNames(connection.topics().prefix());
        properties.put("transactional.id", names.curatedWriter(run));
        producer =
                new KafkaProducer<>(
                        properties,
                        new StringSerializer(),
                        connection.serde(topic.type()).serializer());
    }

    /**
     * @param run whose records they will be
     */
    public static CuratedWriter open(Connection connection, String run) {
        var writer = new CuratedWriter(connection, run);
        try {
            writer.producer.initTransactions();
        } catch (KafkaException e) {
            writer.close();
            throw writer.fault("cannot be written", e);
        }
        return writer;
    }

    /** Once. When it returns, readers see the records. */
    public void write(Console console, List<CuratedSample> samples) {
        try (var bar = new ProgressBar(console, "written", samples.size(), "records")) {
            producer.beginTransaction();
            for (var sample : samples) {
                producer.send(new ProducerRecord<>(topic.name(), sample.getPromptId(), sample));
                bar.advance(1);
            }
            producer.commitTransaction();
        } catch (KafkaException e) {
            throw fault("cannot be written", e);
        }
        awaitReaders();
    }

    /**
     * Brokers answer a commit before readers see it, and a command that comes next would miss the
     * records. Another writer of the run they let begin only after that.
     */
    private void awaitReaders() {
        try (var next = new CuratedWriter(connection, run)) {
            next.producer.initTransactions();
        } catch (KafkaException e) {
            throw fault("written, but perhaps not to be read yet", e);
        }
    }

    /** What was not committed is aborted. */
    @Override
    public void close() {
        producer.close();
    }

    private UserError fault(String what, KafkaException e) {
        return new UserError("topic %s: %s: %s".formatted(topic.name(), what, e.getMessage()), e);
    }
}
