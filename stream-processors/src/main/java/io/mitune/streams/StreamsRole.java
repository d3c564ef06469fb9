package io.mitune.streams;

import io.mitune.schemas.ClientNames;
import io.mitune.schemas.Connection;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;

/**
 * A topology with its name and its Kafka Streams properties. Immutable.
 *
 * @param name such as curator; with the topic prefix it is the application id
 * @param topology what it does
 * @param watched topics that the role reads but does not answer for: it passes over bad records in
 *     them without a dead letter, since another role writes one
 */
public record StreamsRole(String name, Topology topology, Set<String> watched) {

    /** Exactly once, dead letters for bad records, quick take-over after a crash. */
    public Properties properties(StreamsSettings settings) {
        var connection = settings.connection();
        var p = new Properties();
        p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        p.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, "classic");
        p.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        p.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 15_000);
        // one request at a time, for the reason that Connection gives
        var inFlight = ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION;
        p.put(StreamsConfig.producerPrefix(inFlight), 1);
        p.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedStores.class);
        p.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        p.putAll(connection.adminProperties());
        p.putAll(settings.extra());
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId(connection));
        p.put(StreamsConfig.STATE_DIR_CONFIG, settings.stateDir().toString());
        p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads());
        p.put(
                StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG,
                connection.topics().deadLetters().name());
        p.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, RefusedRecords.class);
        p.put(DeadLetterConfig.PREFIX, connection.topics().prefix());
        p.put(DeadLetterConfig.ROLE, name);
        p.put(DeadLetterConfig.WATCHED, String.join(",", watched));
        return p;
    }

    /** Name of the consumer group and beginning of all internal topics. */
    public String applicationId(Connection connection) {
        return new ClientNames(connection.topics().prefix()).streams(name);
    }
}
