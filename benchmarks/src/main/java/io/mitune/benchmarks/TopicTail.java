package io.mitune.benchmarks;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads all of a topic without a group. Stateless. */
public final class TopicTail {
    private TopicTail() {}

    /** A consumer at the topic's beginning; to be closed. */
    public static <V extends SpecificRecord> KafkaConsumer<String, V> of(
            Connection connection, Topic<V> topic) {
        var consumer =
                new KafkaConsumer<>(
                        connection.consumerProperties(),
                        new StringDeserializer(),
                        connection.serde(topic.type()).deserializer());
        consumer.assign(
                IntStream.range(0, topic.partitions())
                        .mapToObj(p -> new TopicPartition(topic.name(), p))
                        .toList());
        return consumer;
    }
}
