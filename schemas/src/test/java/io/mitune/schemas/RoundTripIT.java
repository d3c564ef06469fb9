package io.mitune.schemas;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.embedded.EmbeddedStack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The catalogue, the serde and the client properties against a real broker and registry. */
class RoundTripIT {
    private static EmbeddedStack stack;
    private static Connection connection;

    @BeforeAll
    static void start() throws Exception {
        stack = EmbeddedStack.temporary();
        connection =
                new Connection(
                        stack.bootstrapServers(),
                        stack.schemaRegistryUrl(),
                        Topics.DEFAULT_PREFIX,
                        Map.of());
        try (var admin = Admin.create(connection.adminProperties())) {
            var topics =
                    connection.topics().all().stream()
                            .map(
                                    t ->
                                            new NewTopic(t.name(), t.partitions(), (short) 1)
                                                    .configs(t.config()))
                            .toList();
            admin.createTopics(topics).all().get(30, TimeUnit.SECONDS);
        }
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void aCandidateComesBackEqualAndATombstoneNull() throws Exception {
        var topic = connection.topics().candidates();
        var serde = connection.serde(Candidate.class);
        try (var producer =
                new KafkaProducer<>(
                        connection.producerProperties(),
                        new StringSerializer(),
                        serde.serializer())) {
            send(producer, new ProducerRecord<>(topic.name(), 0, "p", Samples.candidate()));
            send(producer, new ProducerRecord<>(topic.name(), 0, "p", null));
        }
        var records = read(topic, serde.deserializer(), 2);
        assertEquals(Samples.candidate(), records.get(0).value());
        assertNull(records.get(1).value());
    }

    @Test
    void aDeadLetterKeepsTheBytes() throws Exception {
        var topics = connection.topics();
        byte[] poison = {0, 1, 2};
        var failed = new ConsumerRecord<>(topics.prompts().name(), 2, 5L, poison, poison);
        try (var producer =
                new KafkaProducer<>(
                        connection.producerProperties(),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            send(producer, DeadLetters.of(topics, failed, "worker", "poison"));
        }
        var letter = read(topics.deadLetters(), new ByteArrayDeserializer(), 1).get(0);
        assertArrayEquals(poison, letter.value());
        assertEquals(
                "poison", new String(letter.headers().lastHeader(DeadLetters.MESSAGE).value()));
    }

    @Test
    void aShareConsumerHoldsOneRecordUnderALockOfAnHour() throws Exception {
        var topic = connection.topics().trainingSteps();
        var group = new ConfigResource(ConfigResource.Type.GROUP, "queue");
        try (var admin = Admin.create(connection.adminProperties())) {
            var configs =
                    List.of(
                            set("share.auto.offset.reset", "earliest"),
                            set("share.record.lock.duration.ms", "3600000"));
            admin.incrementalAlterConfigs(Map.of(group, configs)).all().get(30, TimeUnit.SECONDS);
        }
        try (var producer =
                new KafkaProducer<>(
                        connection.producerProperties(),
                        new StringSerializer(),
                        new StringSerializer())) {
            for (String word : List.of("one", "two", "three")) {
                send(producer, new ProducerRecord<>(topic.name(), "k", word));
            }
        }
        var values = new ArrayList<String>();
        try (var consumer =
                new KafkaShareConsumer<>(
                        connection.shareConsumerProperties("queue"),
                        new StringDeserializer(),
                        new StringDeserializer())) {
            consumer.subscribe(Set.of(topic.name()));
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (values.size() < 3 && System.nanoTime() < deadline) {
                var polled = consumer.poll(Duration.ofMillis(500));
                assertTrue(polled.count() <= 1, "one record at a time");
                polled.forEach(
                        record -> {
                            values.add(record.value());
                            consumer.acknowledge(record, AcknowledgeType.ACCEPT);
                        });
                consumer.commitSync()
                        .values()
                        .forEach(error -> assertTrue(error.isEmpty(), () -> error.toString()));
            }
        }
        assertEquals(List.of("one", "two", "three"), values);
    }

    private static <K, V> void send(KafkaProducer<K, V> producer, ProducerRecord<K, V> record)
            throws Exception {
        producer.send(record).get(30, TimeUnit.SECONDS);
    }

    private static <V, T> List<ConsumerRecord<String, T>> read(
            Topic<V> topic, Deserializer<T> deserializer, int count) {
        var records = new ArrayList<ConsumerRecord<String, T>>();
        try (var consumer =
                new KafkaConsumer<>(
                        connection.consumerProperties(), new StringDeserializer(), deserializer)) {
            var partition = new TopicPartition(topic.name(), 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (records.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
        }
        assertEquals(count, records.size());
        return records;
    }

    private static AlterConfigOp set(String name, String value) {
        return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
    }
}
