package io.mitune.streams;

import io.mitune.schemas.DeadLetters;
import io.mitune.schemas.Topics;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the exception handler needs, from the properties of the application. Immutable. */
record DeadLetterConfig(Topics topics, String role, Set<String> watched) {
    static final String PREFIX = "mitune.topic.prefix";
    static final String ROLE = "mitune.role";
    static final String WATCHED = "mitune.watched.topics";

    private static final Logger log = LoggerFactory.getLogger(DeadLetterConfig.class);

    static DeadLetterConfig of(Map<String, ?> properties) {
        return new DeadLetterConfig(
                new Topics(String.valueOf(properties.get(PREFIX))),
                String.valueOf(properties.get(ROLE)),
                Set.of(String.valueOf(properties.get(WATCHED)).split(",")));
    }

    /** The dead letter of a record, or none when another role answers for its topic. */
    List<ProducerRecord<byte[], byte[]>> letters(
            ConsumerRecord<byte[], byte[]> record, Exception error) {
        if (watched.contains(record.topic())) {
            return List.of();
        }
        log.warn(
                "{}-{}@{} goes to the dead letters: {}",
                record.topic(),
                record.partition(),
                record.offset(),
                error.getMessage());
        return List.of(DeadLetters.of(topics, record, role, error));
    }
}
