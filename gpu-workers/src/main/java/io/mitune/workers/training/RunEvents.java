package io.mitune.workers.training;

import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the log says of a run: how far its trainer came, and which adapter is in use.
 *
 * <p>Not thread-safe.
 */
final class RunEvents implements AutoCloseable {
    static final String CHECKPOINT = "checkpoint";
    static final String CANDIDATE = "candidate";

    private static final Logger log = LoggerFactory.getLogger(RunEvents.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final Duration CLOSE = Duration.ofSeconds(5);

    private final Connection connection;
    private final String run;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private Optional<AdapterEvent> last = Optional.empty();
    private Optional<AdapterEvent> current = Optional.empty();
    private int newestVersion;

    private RunEvents(Connection connection, String run) {
        this.connection = connection;
        this.run = run;
        consumer =
                new KafkaConsumer<>(
                        connection.consumerProperties(),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer());
    }

    /**
     * Reads everything that is in the log now, also what an open transaction still holds back.
     *
     * @throws TrainerException when the log can't be read
     */
    static RunEvents read(Connection connection, String run) {
        var events = new RunEvents(connection, run);
        try {
            events.readHistory(connection.topics().adapterHistory());
            events.followCurrent(connection.topics().adapters());
            return events;
        } catch (RuntimeException e) {
            events.close();
            throw e;
        }
    }

    /** The newest checkpoint or candidate of the trainer. */
    Optional<AdapterEvent> last() {
        return last;
    }

    /** The adapter in use; empty before the first decision. */
    Optional<AdapterEvent> current() {
        return current;
    }

    /** The last round that is decided, 0 before the first. */
    int decidedRound() {
        return current.map(AdapterEvent::getRound).orElse(0);
    }

    /** The next version that no adapter of the run has had. */
    int nextVersion() {
        return Math.max(newestVersion, current.map(AdapterEvent::getVersion).orElse(0)) + 1;
    }

    /** Notes an event that the trainer has just written. */
    void wrote(AdapterEvent event) {
        last = Optional.of(event);
        newestVersion = Math.max(newestVersion, event.getVersion());
    }

    /** Takes news of the adapter in use, waiting a moment for them. */
    void poll(Duration wait) {
        poll(wait, event -> current = Optional.of(event));
    }

    /**
     * Takes all news of the adapter in use that are in the log by now, and waits for brokers that
     * are away.
     *
     * @return false when told to stop before
     */
    boolean catchUp(BooleanSupplier stop) {
        while (!stop.getAsBoolean()) {
            try {
                var ends = consumer.endOffsets(consumer.assignment(), ANSWER);
                while (isBefore(ends) && !stop.getAsBoolean()) {
                    poll(POLL);
                }
                return !stop.getAsBoolean();
            } catch (TimeoutException e) {
                log.debug("run {}: {}", run, e.getMessage());
            }
        }
        return false;
    }

    private void readHistory(Topic<AdapterEvent> history) {
        readToEnd(
                history,
                event -> {
                    newestVersion = Math.max(newestVersion, event.getVersion());
                    String status = event.getStatus();
                    if (status.equals(CHECKPOINT) || status.equals(CANDIDATE)) {
                        last = Optional.of(event);
                    }
                });
    }

    private void followCurrent(Topic<AdapterEvent> adapters) {
        readToEnd(adapters, event -> current = Optional.of(event));
    }

    private void readToEnd(Topic<AdapterEvent> topic, Consumer<AdapterEvent> sink) {
        List<TopicPartition> partitions =
                consumer.partitionsFor(topic.name()).stream()
                        .map(p -> new TopicPartition(p.topic(), p.partition()))
                        .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = ends(partitions);
        while (isBefore(ends)) {
            poll(POLL, sink);
        }
    }

    private boolean isBefore(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue());
    }

    /** Ends of the log, not of its committed part, which may lie before our own last event. */
    private Map<TopicPartition, Long> ends(List<TopicPartition> partitions) {
        try (Admin admin = Admin.create(connection.adminProperties())) {
            var latest =
                    partitions.stream().collect(Collectors.toMap(p -> p, p -> OffsetSpec.latest()));
            return admin.listOffsets(latest).all().get().entrySet().stream()
                    .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().offset()));
        } catch (ExecutionException e) {
            throw new TrainerException(
                    "trainer of run " + run + ": " + e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TrainerException("trainer of run " + run + ": interrupted", e);
        }
    }

    private void poll(Duration wait, Consumer<AdapterEvent> sink) {
        for (var record : consumer.poll(wait)) {
            try {
                var event =
                        connection
                                .serde(AdapterEvent.class)
                                .deserializer()
                                .deserialize(record.topic(), record.value());
                if (event != null && event.getRun().equals(run)) {
                    sink.accept(event);
                }
            } catch (SerializationException e) {
                log.warn("{}@{}: skipped: {}", record.topic(), record.offset(), e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(CLOSE));
    }
}
