package io.mitune.app.dashboard.read;

import io.mitune.app.dashboard.state.LogRange;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.Connection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Reads the candidates of one prompt from the log when somebody looks at it.
 *
 * <p>So the dashboard need not keep seeds, terms and blobs of all candidates. Where the offsets are
 * known, a few records are read; for a prompt that is too old to be remembered the whole topic is,
 * for a bounded time, with other keys passed over before they are decoded. One prompt at a time.
 * Thread-safe; close it.
 */
public final class CandidateReader implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int MAX_CANDIDATES = 2000;

    private final Duration patience;
    private final String topic;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Deserializer<Candidate> deserializer;

    public CandidateReader(Connection connection) {
        this(connection, PATIENCE);
    }

    CandidateReader(Connection connection, Duration patience) {
        this.patience = patience;
        topic = connection.topics().candidates().name();
        deserializer = connection.serde(Candidate.class).deserializer();
        var properties = connection.consumerProperties();
        properties.put("allow.auto.create.topics", "false");
        properties.put("max.poll.records", "2000");
        var bytes = new ByteArrayDeserializer();
        consumer = new KafkaConsumer<>(properties, bytes, bytes);
    }

    /**
     * The prompt's candidates by index, the first 2000 that came; none where the log has none.
     *
     * @param run whose they are; where it has none, as one that picks blindly from another's, and
     *     where it is empty, those of any
     * @param range where they lie, if known
     * @throws TimeoutException where the log is too long to be read in time
     */
    public synchronized List<Candidate> read(
            String run, String promptId, int round, Optional<LogRange> range) {
        var ends = new HashMap<TopicPartition, Long>();
        if (range.isPresent()) {
            var partition = new TopicPartition(topic, range.get().partition());
            consumer.assign(List.of(partition));
            consumer.seek(partition, range.get().first());
            ends.put(partition, range.get().last() + 1);
        } else {
            var partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(p -> new TopicPartition(topic, p.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            ends.putAll(consumer.endOffsets(partitions));
        }
        return read(run, promptId, round, ends);
    }

    /** Whether these are not all that were asked for, since a prompt has more than are read. */
    public static boolean isCut(List<Candidate> read) {
        return read.size() >= MAX_CANDIDATES && read.get(0).getCandidates() > read.size();
    }

    @Override
    public synchronized void close() {
        consumer.close();
    }

    private List<Candidate> read(
            String run, String promptId, int round, Map<TopicPartition, Long> ends) {
        var key = promptId.getBytes(StandardCharsets.UTF_8);
        var found = new TreeMap<Integer, Candidate>();
        var own = new TreeMap<Integer, Candidate>();
        var deadline = System.nanoTime() + patience.toNanos();
        while (!ends.isEmpty() && own.size() < MAX_CANDIDATES && System.nanoTime() < deadline) {
            for (var record : consumer.poll(POLL)) {
                if (Arrays.equals(record.key(), key)) {
                    decode(record)
                            .filter(c -> c.getRound() == round)
                            .ifPresent(
                                    c -> {
                                        add(c, found);
                                        if (c.getRun().equals(run)) {
                                            add(c, own);
                                        }
                                    });
                }
            }
            ends.entrySet().removeIf(e -> consumer.position(e.getKey()) >= e.getValue());
        }
        consumer.unsubscribe();
        if (!ends.isEmpty() && own.size() < MAX_CANDIDATES) {
            throw new TimeoutException(
                    "candidates of %s: expected to have read the log within %d s, found more; try again later"
                            .formatted(promptId, patience.toSeconds()));
        }
        return List.copyOf((own.isEmpty() ? found : own).values());
    }

    private static void add(Candidate candidate, Map<Integer, Candidate> to) {
        if (to.size() < MAX_CANDIDATES) {
            to.putIfAbsent(candidate.getIndex(), candidate);
        }
    }

    private Optional<Candidate> decode(ConsumerRecord<byte[], byte[]> record) {
        try {
            return Optional.ofNullable(deserializer.deserialize(topic, record.value()));
        } catch (SerializationException e) {
            return Optional.empty(); // counted by the log reader
        }
    }
}
