package io.mitune.producers;

import io.mitune.schemas.Connection;
import io.mitune.schemas.PromptRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the prompts topic holds, run by run, up to its present end.
 *
 * <p>What was read is remembered, so that one who publishes often reads only what has come since.
 * Records that are no prompts are passed over: the planner moves them to the dead letters.
 * Thread-safe.
 */
final class PromptLog {
    private static final Logger log = LoggerFactory.getLogger(PromptLog.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Connection connection;
    private final Deserializer<PromptRequest> value;
    private final Map<String, RunHistory> runs = new HashMap<>();
    private final Map<TopicPartition, Long> next = new HashMap<>();

    PromptLog(Connection connection) {
        this.connection = connection;
        value = connection.serde(PromptRequest.class).deserializer();
    }

    /** The history of one run; empty when there is none. */
    synchronized RunHistory of(String run) {
        catchUp();
        return runs.getOrDefault(run, new RunHistory());
    }

    /** A batch of any run whose name starts so. */
    synchronized Optional<String> batchStartingWith(String prefix) {
        catchUp();
        return runs.values().stream().flatMap(run -> run.batchStartingWith(prefix)).findFirst();
    }

    /** A run but this one that holds a batch of this name, as far as the log was read. */
    synchronized Optional<String> otherRunWith(String batch, String run) {
        return runs.entrySet().stream()
                .filter(e -> !e.getKey().equals(run) && e.getValue().holds(batch))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private void catchUp() {
        var properties = connection.consumerProperties();
        properties.put("allow.auto.create.topics", "false");
        properties.putIfAbsent("default.api.timeout.ms", (int) PATIENCE.toMillis());
        var bytes = new ByteArrayDeserializer();
        try (var consumer = new KafkaConsumer<>(properties, bytes, bytes)) {
            read(consumer);
        } catch (TimeoutException e) {
            throw new PublishException(
                    "kafka at %s: expected an answer within %d s, found none; is it running?"
                            .formatted(connection.bootstrapServers(), PATIENCE.toSeconds()),
                    e);
        }
    }

    private void read(KafkaConsumer<byte[], byte[]> consumer) {
        var topic = connection.topics().prompts().name();
        var infos = consumer.partitionsFor(topic);
        if (infos == null || infos.isEmpty()) {
            throw new PublishException(
                    "topic " + topic + ": expected it to exist; create the topics first");
        }
        var partitions = infos.stream().map(i -> new TopicPartition(topic, i.partition())).toList();
        consumer.assign(partitions);
        var ends = consumer.endOffsets(partitions);
        if (partitions.stream().anyMatch(p -> next.getOrDefault(p, 0L) > ends.get(p))) {
            next.clear(); // the topic was made anew
            runs.clear();
        }
        consumer.seekToBeginning(partitions);
        next.forEach(consumer::seek);
        long idleSince = System.nanoTime();
        while (!atEnd(consumer, partitions, ends)) {
            var records = consumer.poll(Duration.ofMillis(500));
            records.forEach(this::add);
            if (!records.isEmpty()) {
                idleSince = System.nanoTime();
            } else if (System.nanoTime() - idleSince > PATIENCE.toNanos()) {
                throw new TimeoutException("no records from " + topic);
            }
        }
        partitions.forEach(p -> next.put(p, consumer.position(p)));
    }

    private void add(ConsumerRecord<byte[], byte[]> record) {
        try {
            var request = value.deserialize(record.topic(), record.value());
            if (request != null) {
                runs.computeIfAbsent(request.getRun(), run -> new RunHistory()).add(request);
            }
        } catch (SerializationException e) {
            log.debug(
                    "{}-{}@{}: {}",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    e.toString());
        }
    }

    private static boolean atEnd(
            KafkaConsumer<?, ?> consumer,
            List<TopicPartition> partitions,
            Map<TopicPartition, Long> ends) {
        return partitions.stream().allMatch(p -> consumer.position(p) >= ends.get(p));
    }
}
