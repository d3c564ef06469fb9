package io.mitune.schemas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.embedded.EmbeddedStack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Confluent's Python client publishes prompts that Java reads, and reads Java's candidates. */
@ExtendWith(Python.class)
class PythonClientIT {
    private static final Path SCRIPT = Path.of("..", "tools", "python-client", "stream.py");

    @TempDir Path folder;
    private EmbeddedStack stack;
    private Connection connection;

    @BeforeEach
    void start() throws Exception {
        stack = EmbeddedStack.temporary();
        connection =
                new Connection(stack.bootstrapServers(), stack.schemaRegistryUrl(), "p.", Map.of());
        try (var admin = Admin.create(connection.adminProperties())) {
            var topics =
                    connection.topics().all().stream()
                            .map(t -> new NewTopic(t.name(), t.partitions(), (short) 1))
                            .toList();
            admin.createTopics(topics).all().get(60, TimeUnit.SECONDS);
        }
    }

    @AfterEach
    void stop() {
        stack.close();
    }

    @Test
    void javaReadsWhatPythonPublishes() throws Exception {
        Path prompts = folder.resolve("prompts.txt");
        Files.writeString(prompts, "ein grüner Würfel\na red ball\n");
        var ids = python("publish", "--prompts", prompts, "--batch", "b").lines().toList();
        assertEquals(
                List.of(
                        Identity.promptId("b", 0, "ein grüner Würfel"),
                        Identity.promptId("b", 1, "a red ball")),
                ids);
        var found = new HashSet<PromptRequest>();
        try (var consumer =
                new KafkaConsumer<>(
                        connection.consumerProperties(),
                        new StringDeserializer(),
                        connection.serde(PromptRequest.class).deserializer())) {
            var topic = connection.topics().prompts();
            var partitions = new ArrayList<TopicPartition>();
            for (int i = 0; i < topic.partitions(); i++) {
                partitions.add(new TopicPartition(topic.name(), i));
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (found.size() < 2 && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200))
                        .forEach(
                                record -> {
                                    assertEquals(record.key(), record.value().getPromptId());
                                    found.add(record.value());
                                });
            }
        }
        assertEquals(Set.copyOf(ids), promptIds(found));
        for (var request : found) {
            assertEquals(Optional.empty(), RequestLimits.fault(request));
        }
    }

    @Test
    void pythonReadsWhatJavaWrites() throws Exception {
        var topic = connection.topics().candidates();
        try (var producer =
                new KafkaProducer<>(
                        connection.producerProperties(),
                        new StringSerializer(),
                        connection.serde(Candidate.class).serializer())) {
            producer.send(new ProducerRecord<>(topic.name(), "k", Samples.candidate()))
                    .get(60, TimeUnit.SECONDS);
        }
        var line = python("candidates", "--max-messages", 1, "--seconds", 90);
        var json = new ObjectMapper().readTree(line);
        assertEquals(Samples.candidate().getPromptId(), json.path("promptId").asText());
        assertEquals(Samples.candidate().getText(), json.path("text").asText());
        assertEquals(Samples.candidate().getSeed(), json.path("seed").asLong());
        assertTrue(json.path("latents").has("sha256"), line);
    }

    private static Set<String> promptIds(Set<PromptRequest> requests) {
        var ids = new HashSet<String>();
        requests.forEach(request -> ids.add(request.getPromptId()));
        return ids;
    }

    private String python(Object... words) throws Exception {
        var all = new ArrayList<Object>(List.of(SCRIPT));
        all.addAll(List.of("--bootstrap-server", stack.bootstrapServers()));
        all.addAll(List.of("--schema-registry-url", stack.schemaRegistryUrl()));
        all.addAll(List.of("--topic-prefix", "p."));
        all.addAll(List.of(words));
        return Python.run(all);
    }
}
