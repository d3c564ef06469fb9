package io.mitune.app.dashboard.read;

import io.mitune.app.dashboard.state.DashboardState;
import io.mitune.app.dashboard.state.DeadLetter;
import io.mitune.app.dashboard.state.LogPlace;
import io.mitune.schemas.Connection;
import io.mitune.schemas.DeadLetters;
import io.mitune.schemas.Topic;
import io.mitune.schemas.serde.RegistryUnavailableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows all topics from their beginning and tells a {@link DashboardState} what they say.
 *
 * <p>Without a consumer group, so that watching neither slows nor changes the stream. A record that
 * cannot be decoded is counted; a registry that does not answer is waited for, since its records
 * are good. Topics that do not exist yet are looked for now and then. Thread-safe; close it.
 */
public final class LogReader implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LogReader.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Connection connection;
    private final DashboardState state;
    private final Map<String, BiConsumer<byte[], LogPlace>> readers = new HashMap<>();
    private final Map<String, String> shortNames;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, Long> ends = new HashMap<>();
    private final Set<String> missing = new HashSet<>();
    private final Thread thread = new Thread(this::follow, "dashboard-log");
    private long loaded;
    private long toLoad;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile boolean caughtUp;
    private volatile RuntimeException failure; // null while all is well
    private volatile boolean closed;

    /** Starts reading. */
    public LogReader(Connection connection, DashboardState state) {
        this.connection = connection;
        this.state = state;
        var topics = connection.topics();
        read(topics.prompts(), state::add);
        read(topics.releases(), state::add);
        read(topics.candidates(), state::add);
        read(topics.curated(), state::add);
        read(topics.trainingSteps(), (step, place) -> state.add(step));
        read(topics.evaluations(), (evaluation, place) -> state.add(evaluation));
        read(topics.runs(), (settings, place) -> state.add(settings));
        read(topics.runStatus(), (status, place) -> state.add(status));
        read(topics.adapters(), (event, place) -> state.addCurrent(event));
        read(topics.adapterHistory(), (event, place) -> state.addHistory(event));
        shortNames = topics.shortNames();
        missing.addAll(shortNames.keySet());
        var properties = connection.consumerProperties();
        properties.put("allow.auto.create.topics", "false");
        properties.put("max.poll.records", "2000");
        var bytes = new ByteArrayDeserializer();
        consumer = new KafkaConsumer<>(properties, bytes, bytes);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Whether everything is read that was there at the start.
     *
     * @throws RuntimeException what ended the reading
     */
    public boolean caughtUp() {
        if (failure != null) {
            throw failure;
        }
        return caughtUp;
    }

    /** Fails with what ended the reading, such as a refused topic. */
    public CompletionStage<Void> ended() {
        return ended;
    }

    @Override
    public void close() {
        closed = true;
        consumer.wakeup();
        try {
            thread.join(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private <V extends SpecificRecord> void read(Topic<V> topic, BiConsumer<V, LogPlace> action) {
        var deserializer = connection.serde(topic.type()).deserializer();
        readers.put(
                topic.name(),
                (bytes, place) ->
                        action.accept(deserializer.deserialize(topic.name(), bytes), place));
    }

    private void follow() {
        try (consumer) {
            long looked = System.nanoTime() - LOOK.toNanos();
            while (!closed) {
                if (!missing.isEmpty() && System.nanoTime() - looked >= LOOK.toNanos()) {
                    looked = System.nanoTime();
                    patiently(this::findMissing);
                }
                patiently(this::poll);
            }
        } catch (WakeupException e) {
            log.debug("closed");
        } catch (RuntimeException e) {
            if (!closed) {
                log.error("dashboard: reading ended: {}", e.toString(), e);
                failure = e;
                state.ended(e.getMessage() == null ? e.toString() : e.getMessage());
                ended.completeExceptionally(e);
            }
        }
    }

    private void poll() {
        if (consumer.assignment().isEmpty()) {
            LockSupport.parkNanos(POLL.toNanos());
            return;
        }
        consumer.poll(POLL).forEach(this::apply);
        if (!ends.isEmpty()) {
            ends.entrySet().removeIf(e -> consumer.position(e.getKey()) >= e.getValue());
            state.loading(ends.isEmpty() ? toLoad : Math.min(loaded, toLoad), toLoad);
        }
        caughtUp = ends.isEmpty();
    }

    /** Brokers that are away are waited for. */
    private static void patiently(Runnable call) {
        try {
            call.run();
        } catch (RetriableException e) {
            log.warn("dashboard: waiting for the brokers: {}", e.getMessage());
        }
    }

    /** Begins to read the topics that have come into being. */
    private void findMissing() {
        var found = new ArrayList<TopicPartition>();
        for (var topic : missing) {
            var infos = consumer.partitionsFor(topic);
            if (infos != null) {
                infos.forEach(i -> found.add(new TopicPartition(topic, i.partition())));
            }
        }
        if (found.isEmpty()) {
            return;
        }
        var from = consumer.beginningOffsets(found);
        var to = consumer.endOffsets(found);
        // nothing is asked of the brokers any more, so that a failure leaves all as it was
        var all = new HashSet<>(consumer.assignment());
        all.addAll(found);
        consumer.assign(all);
        for (var partition : found) {
            consumer.seek(partition, from.get(partition));
            mustLoad(partition, to.get(partition) - from.get(partition), to.get(partition));
            missing.remove(partition.topic());
        }
    }

    private void mustLoad(TopicPartition partition, long records, long end) {
        if (records > 0) {
            toLoad += records;
            ends.put(partition, end);
        }
    }

    private void apply(ConsumerRecord<byte[], byte[]> record) {
        loaded++;
        var topic = shortNames.get(record.topic());
        state.read(topic, record.timestamp());
        if (record.topic().equals(connection.topics().deadLetters().name())) {
            if (record.headers().lastHeader(DeadLetters.REDRIVEN) == null) { // no mark of one
                state.add(letter(record));
            }
            return;
        }
        var reader = readers.get(record.topic());
        if (reader == null || record.value() == null) {
            return;
        }
        var place = new LogPlace(record.partition(), record.offset(), record.timestamp());
        while (!closed) {
            try {
                reader.accept(record.value(), place);
                return;
            } catch (RegistryUnavailableException e) {
                log.warn("dashboard: waiting for the registry: {}", e.getMessage());
            } catch (SerializationException e) {
                log.debug("{} offset {}: passed over", record.topic(), record.offset(), e);
                state.unreadable(topic);
                return;
            }
        }
    }

    private static DeadLetter letter(ConsumerRecord<byte[], byte[]> record) {
        return new DeadLetter(
                header(record, DeadLetters.TOPIC),
                header(record, DeadLetters.PARTITION) + "@" + header(record, DeadLetters.OFFSET),
                header(record, DeadLetters.ROLE),
                header(record, DeadLetters.MESSAGE),
                record.timestamp());
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return Optional.ofNullable(record.headers().lastHeader(name))
                .map(header -> header.value())
                .map(value -> new String(value, StandardCharsets.UTF_8))
                .orElse("");
    }
}
