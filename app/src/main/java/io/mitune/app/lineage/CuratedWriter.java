package io.mitune.app.lineage;

import io.mitune.app.cli.UserError;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import java.util.List;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;

/** Gives a new run its curated records, all or none. Stateless. */
final class CuratedWriter {
    private CuratedWriter() {}

    static void write(Connection connection, List<CuratedSample> records) {
        var topic = connection.topics().curated();
        var properties = connection.producerProperties();
        properties.put("transactional.id", topic.name() + "-lineage");
        try (var producer =
                new KafkaProducer<>(
                        properties,
                        new StringSerializer(),
                        connection.serde(topic.type()).serializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            for (var record : records) {
                producer.send(new ProducerRecord<>(topic.name(), record.getPromptId(), record));
            }
            producer.commitTransaction();
        } catch (KafkaException e) {
            throw new UserError(
                    "topic " + topic.name() + ": cannot be written: " + e.getMessage(), e);
        }
    }
}
