package io.mitune.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaIT {
    private static final TopicPartition PARTITION = new TopicPartition("words", 0);

    @TempDir Path dir;

    @Test
    void keepsTopicsAndRecordsOverARestart() throws Exception {
        try (var kafka = EmbeddedKafka.start(dir, 0, Map.of())) {
            create(kafka);
            send(kafka, "one");
        }
        try (var kafka = EmbeddedKafka.start(dir, 0, Map.of())) {
            send(kafka, "two");
            assertEquals(List.of("one", "two"), read(kafka, 2));
        }
    }

    @Test
    void takesTheGivenPortAgainAtOnce() throws Exception {
        int port;
        try (var kafka = EmbeddedKafka.start(dir, 0, Map.of())) {
            port = Integer.parseInt(kafka.bootstrapServers().split(":")[1]);
            create(kafka);
        }
        try (var kafka = EmbeddedKafka.start(dir, port, Map.of())) {
            assertEquals("127.0.0.1:" + port, kafka.bootstrapServers());
            send(kafka, "one");
        }
    }

    @Test
    void refusesASecondBrokerOnTheSameDirectory() {
        try (var kafka = EmbeddedKafka.start(dir, 0, Map.of())) {
            String error = errorOfStart(0);
            assertTrue(error.contains("found another broker running on it"), error);
            assertFalse(kafka.bootstrapServers().isEmpty());
        }
    }

    @Test
    void refusesAPortInUse() throws Exception {
        try (var other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String error = errorOfStart(other.getLocalPort());
            assertTrue(
                    error.startsWith("broker port " + other.getLocalPort() + ": expected a free"),
                    error);
        }
    }

    @Test
    void refusesAForeignDirectory() throws Exception {
        Files.writeString(dir.resolve("thesis.txt"), "precious");
        String error = errorOfStart(0);
        assertTrue(error.contains("found thesis.txt"), error);
        assertEquals("precious", Files.readString(dir.resolve("thesis.txt")));
    }

    @Test
    void refusesADamagedDirectory() throws Exception {
        Files.writeString(dir.resolve("meta.properties"), "version=1\ncluster.id=\u0000rubbish\n");
        String error = errorOfStart(0);
        assertTrue(error.contains(dir.toString()), error);
    }

    @Test
    void refusesDamagedMetadataBeforeItCostsTopics() throws Exception {
        try (var kafka = EmbeddedKafka.start(dir, 0, Map.of())) {
            create(kafka);
            send(kafka, "one");
        }
        Path log = dir.resolve("__cluster_metadata-0/00000000000000000000.log");
        byte[] whole = Files.readAllBytes(log);
        byte[] damaged = whole.clone();
        damaged[whole.length / 2] ^= 1;
        Files.write(log, damaged);
        String error = errorOfStart(0);
        assertTrue(error.contains(log + ": byte ") && error.contains("checksum"), error);
        Files.write(log, whole);
        try (var kafka = EmbeddedKafka.start(dir, 0, Map.of())) {
            assertEquals(List.of("one"), read(kafka, 1));
        }
    }

    @Test
    void damageThatKafkaFindsEndsInAnExceptionHereAsWell() throws Exception {
        EmbeddedKafka.start(dir, 0, Map.of()).close();
        Files.writeString(dir.resolve("__cluster_metadata-0/quorum-state"), "rubbish");
        assertTrue(errorOfStart(0).startsWith("broker data " + dir), "in this process");
    }

    @Test
    void refusesAFileAsDirectory() throws Exception {
        Path file = Files.writeString(dir.resolve("file"), "");
        String error =
                assertThrows(
                                EmbeddedException.class,
                                () -> EmbeddedKafka.start(file, 0, Map.of()).close())
                        .getMessage();
        assertTrue(error.contains("expected a directory to write to"), error);
    }

    private String errorOfStart(int port) {
        var error =
                assertThrows(
                        EmbeddedException.class,
                        () -> EmbeddedKafka.start(dir, port, Map.of()).close());
        assertFalse(error.getMessage().contains("\n"), error.getMessage());
        return error.getMessage();
    }

    private static void create(EmbeddedKafka kafka) throws Exception {
        try (var admin = Admin.create(bootstrap(kafka))) {
            var topic = new NewTopic(PARTITION.topic(), 1, (short) 1);
            admin.createTopics(List.of(topic)).all().get(30, TimeUnit.SECONDS);
        }
    }

    private static void send(EmbeddedKafka kafka, String value) throws Exception {
        var string = new StringSerializer();
        try (var producer = new KafkaProducer<>(bootstrap(kafka), string, string)) {
            producer.send(new ProducerRecord<>(PARTITION.topic(), "key", value))
                    .get(30, TimeUnit.SECONDS);
        }
    }

    private static List<String> read(EmbeddedKafka kafka, int count) {
        var string = new StringDeserializer();
        var values = new ArrayList<String>();
        try (var consumer = new KafkaConsumer<>(bootstrap(kafka), string, string)) {
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (values.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200)).forEach(r -> values.add(r.value()));
            }
        }
        return values;
    }

    private static Map<String, Object> bootstrap(EmbeddedKafka kafka) {
        return Map.of("bootstrap.servers", kafka.bootstrapServers());
    }
}
