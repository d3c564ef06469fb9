package io.mitune.app.tap;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topics;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.MessageFormatter;

/**
 * The lines of {@code mitune tap} in Kafka's own console consumer, for those who know its options:
 * {@code --formatter io.mitune.app.tap.TapFormatter}.
 *
 * <p>{@code --formatter-property schema.registry.url=URL} and the registry's other properties, and
 * {@code topic.prefix} where they are neither exported for {@code mitune} nor the usual ones.
 * Belongs to the consumer's thread.
 */
public final class TapFormatter implements MessageFormatter {
    private static final String PREFIX = "topic.prefix";

    private final Map<String, TapRecords> byTopic = new HashMap<>();
    private Connection connection = connection(Map.of());

    @Override
    public void configure(Map<String, ?> properties) {
        var texts = new HashMap<String, String>();
        properties.forEach((name, value) -> texts.put(name, String.valueOf(value)));
        connection = connection(texts);
    }

    @Override
    public void writeTo(ConsumerRecord<byte[], byte[]> record, PrintStream output) {
        var records =
                byTopic.computeIfAbsent(
                        record.topic(),
                        name ->
                                new TapRecords(
                                        connection, TopicNames.find(connection.topics(), name)));
        output.println(records.of(record));
    }

    /** Only the registry is asked; the console consumer has its own connection to the brokers. */
    private static Connection connection(Map<String, String> properties) {
        var extra = new HashMap<>(properties);
        var registry = Optional.ofNullable(extra.remove("schema.registry.url"));
        var prefix = Optional.ofNullable(extra.remove(PREFIX));
        return new Connection(
                "",
                registry.or(() -> exported("MITUNE_SCHEMA_REGISTRY_URL"))
                        .orElse("http://localhost:8081"),
                prefix.or(() -> exported("MITUNE_TOPIC_PREFIX")).orElse(Topics.DEFAULT_PREFIX),
                extra);
    }

    private static Optional<String> exported(String name) {
        return Optional.ofNullable(System.getenv(name));
    }
}
