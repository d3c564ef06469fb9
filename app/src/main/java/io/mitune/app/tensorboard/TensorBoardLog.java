package io.mitune.app.tensorboard;

import io.mitune.app.cli.ErrorLine;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Evaluation;
import io.mitune.schemas.Topic;
import io.mitune.schemas.TrainingStep;
import io.mitune.schemas.serde.RegistryUnavailableException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows training steps and evaluations in the log and keeps TensorBoard's event files up to it.
 *
 * <p>The log is the source, not the trainer in this process: what was trained before, elsewhere, or
 * while nobody wrote files is there, too. Without a consumer group. {@link #run} belongs to one
 * thread, {@link #stop} may come from any.
 */
public final class TensorBoardLog {
    private static final Logger log = LoggerFactory.getLogger(TensorBoardLog.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration FLUSH = Duration.ofSeconds(3);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int MAX_RUNS = 200;
    private static final String NAME = "[A-Za-z0-9._-]{1,100}";

    private final Connection connection;
    private final Path directory;
    private final Predicate<String> wanted;
    private final Map<String, Consumer<byte[]>> readers = new HashMap<>();
    private final Map<String, RunEvents> runs = new HashMap<>();
    private final Set<String> left = new HashSet<>();
    private volatile boolean stopped;

    /**
     * @param directory gets a folder for each run
     * @param wanted which runs
     */
    public TensorBoardLog(Connection connection, Path directory, Predicate<String> wanted) {
        this.connection = connection;
        this.directory = directory;
        this.wanted = wanted;
        Consumer<TrainingStep> step = s -> run(s.getRun()).ifPresent(r -> r.add(s));
        Consumer<Evaluation> judged = e -> run(e.getRun()).ifPresent(r -> r.add(e));
        read(connection.topics().trainingSteps(), step);
        read(connection.topics().evaluations(), judged);
    }

    /**
     * Follows on a thread of its own. A failure ends the following with one warning, and nothing
     * else: training is worth more than its curves.
     *
     * @return writes what is in the log by then, and ends it
     */
    public static AutoCloseable follow(
            Connection connection, Path directory, Predicate<String> wanted) {
        var following = new TensorBoardLog(connection, directory, wanted);
        var thread = new Thread(following::runOrWarn, "tensorboard");
        thread.setDaemon(true);
        thread.start();
        return () -> {
            following.stop();
            thread.join(PATIENCE.toMillis());
        };
    }

    /** Follows the log until told to stop, and then up to what is its end at that time. */
    public void run() {
        var bytes = new ByteArrayDeserializer();
        var properties = connection.consumerProperties();
        properties.put("allow.auto.create.topics", "false");
        try (var consumer = new KafkaConsumer<>(properties, bytes, bytes)) {
            var partitions = partitions(consumer);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            follow(consumer);
        } finally {
            runs.values().forEach(RunEvents::close);
        }
    }

    /** Ends {@link #run} once it has read up to the present end. */
    public void stop() {
        stopped = true;
    }

    /** The runs that have files now. */
    public Set<String> runs() {
        return Set.copyOf(runs.keySet());
    }

    private void runOrWarn() {
        try {
            run();
        } catch (RuntimeException e) {
            log.warn("TensorBoard files in {} end here: {}", directory, ErrorLine.of(e), e);
        }
    }

    private void follow(KafkaConsumer<byte[], byte[]> consumer) {
        var ends = new HashMap<TopicPartition, Long>();
        var ending = false;
        var flushed = System.nanoTime();
        while (true) {
            if (stopped && !ending) {
                ending = true;
                ends.putAll(consumer.endOffsets(consumer.assignment()));
            }
            if (ending && ends.entrySet().stream().allMatch(e -> isReached(consumer, e))) {
                return;
            }
            consumer.poll(POLL).forEach(this::apply);
            if (System.nanoTime() - flushed > FLUSH.toNanos()) {
                runs.values().forEach(RunEvents::flush);
                flushed = System.nanoTime();
            }
        }
    }

    private static boolean isReached(
            KafkaConsumer<byte[], byte[]> consumer, Map.Entry<TopicPartition, Long> end) {
        return consumer.position(end.getKey()) >= end.getValue();
    }

    /** Waits for topics that are not there yet, unless told to stop. */
    private List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> consumer) {
        while (true) {
            var found = new ArrayList<TopicPartition>();
            var missing = 0;
            for (var topic : readers.keySet()) {
                var infos = consumer.partitionsFor(topic);
                missing += infos == null || infos.isEmpty() ? 1 : 0;
                Optional.ofNullable(infos).stream()
                        .flatMap(List::stream)
                        .forEach(i -> found.add(new TopicPartition(topic, i.partition())));
            }
            if (missing == 0 || stopped) {
                return found;
            }
            LockSupport.parkNanos(FLUSH.toNanos());
        }
    }

    private void apply(ConsumerRecord<byte[], byte[]> record) {
        while (record.value() != null) {
            try {
                readers.get(record.topic()).accept(record.value());
                return;
            } catch (RegistryUnavailableException e) {
                if (stopped) {
                    throw e;
                }
                log.warn("TensorBoard files wait for the registry: {}", e.getMessage());
            } catch (SerializationException e) {
                log.debug("{} offset {}: passed over", record.topic(), record.offset(), e);
                return;
            }
        }
    }

    /** Names come from records: one that is no plain file name gets no folder. */
    private Optional<RunEvents> run(String name) {
        if (!wanted.test(name)) {
            return Optional.empty();
        }
        if (!name.matches(NAME) || name.matches("\\.+")) {
            return leave(name, "expected a run named by letters, digits, '.', '_' and '-'");
        }
        if (!runs.containsKey(name) && runs.size() >= MAX_RUNS) {
            return leave(name, "expected at most " + MAX_RUNS + " runs");
        }
        return Optional.of(runs.computeIfAbsent(name, n -> new RunEvents(directory.resolve(n))));
    }

    private Optional<RunEvents> leave(String name, String expected) {
        if (left.size() < MAX_RUNS && left.add(name)) {
            log.warn("TensorBoard files: {}, found {}; it gets none", expected, name);
        }
        return Optional.empty();
    }

    private <V extends SpecificRecord> void read(Topic<V> topic, Consumer<V> action) {
        var deserializer = connection.serde(topic.type()).deserializer();
        readers.put(
                topic.name(),
                bytes -> action.accept(deserializer.deserialize(topic.name(), bytes)));
    }
}
