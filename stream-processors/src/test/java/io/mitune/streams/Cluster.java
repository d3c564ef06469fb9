package io.mitune.streams;

import static org.junit.jupiter.api.Assertions.fail;

import io.mitune.embedded.EmbeddedStack;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import io.mitune.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A broker and registry with all topics, and the few things the tests do with them. */
public final class Cluster implements AutoCloseable {
    private final EmbeddedStack stack;
    private final Connection connection;
    private final KafkaProducer<byte[], byte[]> producer;

    private Cluster(EmbeddedStack stack) {
        this.stack = stack;
        connection =
                new Connection(
                        stack.bootstrapServers(),
                        stack.schemaRegistryUrl(),
                        Topics.DEFAULT_PREFIX,
                        Map.of());
        var bytes = new ByteArraySerializer();
        producer = new KafkaProducer<>(connection.producerProperties(), bytes, bytes);
    }

    public static Cluster start(Path directory) throws Exception {
        var cluster = new Cluster(EmbeddedStack.in(directory));
        cluster.createTopics();
        return cluster;
    }

    /** The same data on the same ports, after {@link #close}. */
    public static Cluster restart(Path directory, Connection before) {
        int kafka = port(before.bootstrapServers());
        return new Cluster(EmbeddedStack.in(directory, kafka, port(before.schemaRegistryUrl())));
    }

    private static int port(String address) {
        return Integer.parseInt(address.replaceAll(".*:(\\d+)/?$", "$1"));
    }

    private void createTopics() throws Exception {
        try (var admin = Admin.create(connection.adminProperties())) {
            var topics =
                    connection.topics().all().stream()
                            .map(
                                    t ->
                                            new NewTopic(
                                                            t.name(),
                                                            Optional.of(t.partitions()),
                                                            Optional.of((short) 1))
                                                    .configs(t.config()))
                            .toList();
            admin.createTopics(topics).all().get();
        }
    }

    public Connection connection() {
        return connection;
    }

    public Topics topics() {
        return connection.topics();
    }

    public <V extends SpecificRecord> void send(Topic<V> topic, String key, V value) {
        sendRaw(topic, key, bytes(topic, value));
    }

    public void sendRaw(Topic<?> topic, String key, byte[] value) {
        producer.send(
                new ProducerRecord<>(topic.name(), key.getBytes(StandardCharsets.UTF_8), value));
    }

    public void flush() {
        producer.flush();
    }

    public <V extends SpecificRecord> byte[] bytes(Topic<V> topic, V value) {
        return connection.serde(topic.type()).serializer().serialize(topic.name(), value);
    }

    public <V extends SpecificRecord> V value(
            Topic<V> topic, ConsumerRecord<byte[], byte[]> record) {
        return connection.serde(topic.type()).deserializer().deserialize(null, record.value());
    }

    /** All committed records of a topic, read until they are as wanted. */
    public List<ConsumerRecord<byte[], byte[]>> await(
            Topic<?> topic,
            Duration patience,
            Predicate<List<ConsumerRecord<byte[], byte[]>>> wanted) {
        var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        long end = System.nanoTime() + patience.toNanos();
        try (var consumer = consumer(topic)) {
            while (!wanted.test(records)) {
                if (System.nanoTime() > end) {
                    fail(
                            "%s: not as expected after %d s with %d records"
                                    .formatted(topic.name(), patience.toSeconds(), records.size()));
                }
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    /** All committed records of a topic up to its present end. */
    public List<ConsumerRecord<byte[], byte[]>> read(Topic<?> topic) {
        var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        try (var consumer = consumer(topic)) {
            var ends = consumer.endOffsets(consumer.assignment());
            while (!ends.entrySet().stream()
                    .allMatch(e -> consumer.position(e.getKey()) >= e.getValue())) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    private KafkaConsumer<byte[], byte[]> consumer(Topic<?> topic) {
        var bytes = new ByteArrayDeserializer();
        var consumer = new KafkaConsumer<>(connection.consumerProperties(), bytes, bytes);
        Collection<TopicPartition> partitions =
                consumer.partitionsFor(topic.name()).stream()
                        .map(p -> new TopicPartition(p.topic(), p.partition()))
                        .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return consumer;
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(2));
        stack.close();
    }
}
