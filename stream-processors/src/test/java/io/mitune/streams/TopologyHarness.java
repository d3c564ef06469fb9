package io.mitune.streams;

import io.mitune.embedded.EmbeddedRegistry;
import io.mitune.schemas.Connection;
import io.mitune.schemas.DeadLetters;
import io.mitune.schemas.Topic;
import io.mitune.schemas.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TopologyTestDriver;

/**
 * A role in Kafka's topology test driver, with a real registry. At least once instead of exactly
 * once: under the latter the driver drops dead letters.
 */
public final class TopologyHarness implements AutoCloseable {
    private final EmbeddedRegistry registry;
    private final Connection connection;
    private final StreamsRole role;
    private final TopologyTestDriver driver;

    public TopologyHarness(Path directory, Function<Connection, StreamsRole> role) {
        registry = EmbeddedRegistry.start(directory.resolve("registry.log"), 0);
        connection = new Connection("unused:9", registry.url(), Topics.DEFAULT_PREFIX, Map.of());
        this.role = role.apply(connection);
        var extra = Map.of("processing.guarantee", "at_least_once");
        var settings = new StreamsSettings(connection, directory.resolve("state"), 1, extra);
        var now = Instant.EPOCH.plus(Duration.ofDays(20_000));
        driver = new TopologyTestDriver(this.role.topology(), this.role.properties(settings), now);
    }

    public Topics topics() {
        return connection.topics();
    }

    public <V extends SpecificRecord> void send(Topic<V> topic, String key, V value) {
        driver.createInputTopic(
                        topic.name(),
                        new StringSerializer(),
                        connection.serde(topic.type()).serializer())
                .pipeInput(key, value);
    }

    public void sendRaw(Topic<?> topic, String key, byte[] value) {
        driver.createInputTopic(topic.name(), new StringSerializer(), new ByteArraySerializer())
                .pipeInput(key, value);
    }

    /** What was written since the last call. */
    public <V extends SpecificRecord> List<V> read(Topic<V> topic) {
        return driver.createOutputTopic(
                        topic.name(),
                        new StringDeserializer(),
                        connection.serde(topic.type()).deserializer())
                .readValuesToList();
    }

    /** "source topic: reason" of the dead letters since the last call. */
    public List<String> deadLetters() {
        return driver
                .createOutputTopic(
                        topics().deadLetters().name(),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())
                .readRecordsToList()
                .stream()
                .map(
                        r ->
                                text(r.headers().lastHeader(DeadLetters.TOPIC).value())
                                        + ": "
                                        + text(r.headers().lastHeader(DeadLetters.MESSAGE).value()))
                .toList();
    }

    public void advance(Duration time) {
        driver.advanceWallClockTime(time);
    }

    public <V> long entries(String store) {
        long n = 0;
        try (var all = driver.<String, V>getKeyValueStore(store).all()) {
            for (; all.hasNext(); all.next()) {
                n++;
            }
        }
        return n;
    }

    public double metric(String name) {
        return driver.metrics().entrySet().stream()
                .filter(e -> e.getKey().name().equals(name))
                .mapToDouble(e -> ((Number) e.getValue().metricValue()).doubleValue())
                .sum();
    }

    /** Nodes, stores and topics, as text. */
    public String description() {
        return role.topology().describe().toString();
    }

    /** The description in the test resources: a change of it breaks running installations. */
    public static String golden(String name) throws IOException {
        try (var in = TopologyHarness.class.getResourceAsStream("/topology/" + name + ".txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        driver.close();
        registry.close();
    }
}
