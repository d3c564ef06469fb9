package io.mitune.workers.support;

import io.mitune.embedded.EmbeddedKafka;
import io.mitune.embedded.EmbeddedRegistry;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
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

/** A real broker with short locks, a registry and topics under a prefix of their own. */
public final class Cluster implements AutoCloseable {
    private static final Map<String, String> SHORT_LOCKS =
            Map.of("group.share.min.record.lock.duration.ms", "1000");

    private final Path directory;
    private final EmbeddedRegistry registry;
    private EmbeddedKafka kafka;

    private Cluster(Path directory, EmbeddedKafka kafka, EmbeddedRegistry registry) {
        this.directory = directory;
        this.kafka = kafka;
        this.registry = registry;
    }

    public static Cluster start(Path directory) {
        var kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0, SHORT_LOCKS);
        return new Cluster(
                directory, kafka, EmbeddedRegistry.start(directory.resolve("registry.log"), 0));
    }

    public String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    public String schemaRegistryUrl() {
        return registry.url();
    }

    /** A connection to topics that exist. */
    public Connection reconnect(String prefix) {
        return new Connection(kafka.bootstrapServers(), registry.url(), prefix, Map.of());
    }

    /** A connection whose topics have been made. */
    public Connection connection(String prefix) {
        var connection = reconnect(prefix);
        List<NewTopic> topics = new ArrayList<>();
        for (Topic<?> topic : connection.topics().all()) {
            topics.add(
                    new NewTopic(topic.name(), topic.partitions(), (short) 1)
                            .configs(topic.config()));
        }
        try (Admin admin = Admin.create(connection.adminProperties())) {
            admin.createTopics(topics).all().get();
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException("topics of " + prefix, e);
        }
        return connection;
    }

    public void stopBroker() {
        kafka.close();
    }

    /** Starts the broker again, on its old port and data. */
    public void startBroker() {
        int port = Integer.parseInt(kafka.bootstrapServers().split(":")[1]);
        kafka = EmbeddedKafka.start(directory.resolve("kafka"), port, SHORT_LOCKS);
    }

    public static <V extends SpecificRecord> void send(
            Connection connection, Topic<V> topic, String key, V value) {
        byte[] bytes = connection.serde(topic.type()).serializer().serialize(topic.name(), value);
        sendBytes(connection, topic, key, bytes);
    }

    public static void sendBytes(Connection connection, Topic<?> topic, String key, byte[] value) {
        try (var producer =
                new KafkaProducer<>(
                        connection.producerProperties(),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            byte[] keyBytes = key.getBytes(StandardCharsets.UTF_8);
            producer.send(new ProducerRecord<>(topic.name(), keyBytes, value)).get();
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException("send to " + topic.name(), e);
        }
    }

    /** Everything in a topic now, partition after partition, as committed. */
    public static List<ConsumerRecord<byte[], byte[]>> read(Connection connection, Topic<?> topic) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (int p = 0; p < topic.partitions(); p++) {
            partitions.add(new TopicPartition(topic.name(), p));
        }
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (var consumer =
                new KafkaConsumer<>(
                        connection.consumerProperties(),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    public static <V extends SpecificRecord> List<V> values(Connection connection, Topic<V> topic) {
        var deserializer = connection.serde(topic.type()).deserializer();
        return read(connection, topic).stream()
                .map(r -> deserializer.deserialize(r.topic(), r.value()))
                .toList();
    }

    @Override
    public void close() {
        registry.close();
        kafka.close();
    }
}
