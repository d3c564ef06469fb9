package io.mitune.app.faults;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Topic;
import io.mitune.schemas.TrainingStep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads along in all topics, as committed, and tells how far the work is.
 *
 * <p>Decodes by itself, so an outage of the registry does not blind it. Thread-safe.
 */
final class Watch implements AutoCloseable {
    private final Connection connection;
    private final Thread thread = new Thread(this::follow, "watch");
    private final Map<String, List<ConsumerRecord<byte[], byte[]>>> records = new HashMap<>();
    private final Set<String> seen = new HashSet<>();
    private final List<CompletableFuture<Void>> waiting = new ArrayList<>();
    private int steps;
    private long lastNews = System.nanoTime();
    private volatile boolean closed;

    Watch(Connection connection) {
        this.connection = connection;
        thread.setDaemon(true);
        thread.start();
    }

    /** All records of a topic so far, partition by partition in order. */
    synchronized List<ConsumerRecord<byte[], byte[]>> records(Topic<?> topic) {
        return List.copyOf(records.getOrDefault(topic.name(), List.of()));
    }

    /** Those of one class; what is no Avro of this build is left out. */
    <V extends SpecificRecord> List<V> values(Topic<V> topic) {
        return records(topic).stream().flatMap(r -> decoded(topic, r).stream()).toList();
    }

    /** Distinct candidates and curated samples, and optimizer steps. */
    synchronized int done() {
        return seen.size() + steps;
    }

    synchronized Duration sinceLastNews() {
        return Duration.ofNanos(System.nanoTime() - lastNews);
    }

    /** For news that do not show in a topic. */
    synchronized void news() {
        lastNews = System.nanoTime();
    }

    /** Completes when everything that is in the topics now has been read. */
    synchronized CompletableFuture<Void> upToDate() {
        var done = new CompletableFuture<Void>();
        waiting.add(done);
        return done;
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void follow() {
        var partitions = new ArrayList<TopicPartition>();
        for (var topic : connection.topics().all()) {
            for (int p = 0; p < topic.partitions(); p++) {
                partitions.add(new TopicPartition(topic.name(), p));
            }
        }
        try (var consumer =
                new KafkaConsumer<>(
                        connection.consumerProperties(),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (!closed) {
                follow(consumer, partitions);
            }
        }
    }

    private void follow(KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
        try {
            consumer.poll(Duration.ofMillis(100)).forEach(this::take);
            var asked = asked();
            if (!asked.isEmpty()) {
                var ends = consumer.endOffsets(partitions);
                while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                    consumer.poll(Duration.ofMillis(100)).forEach(this::take);
                }
                asked.forEach(a -> a.complete(null));
            }
        } catch (KafkaException e) {
            System.out.println("watch: " + e.getMessage());
        }
    }

    private synchronized List<CompletableFuture<Void>> asked() {
        waiting.removeIf(CompletableFuture::isDone);
        return List.copyOf(waiting);
    }

    private synchronized void take(ConsumerRecord<byte[], byte[]> record) {
        records.computeIfAbsent(record.topic(), t -> new ArrayList<>()).add(record);
        news();
        var topics = connection.topics();
        if (record.topic().equals(topics.candidates().name())) {
            decoded(topics.candidates(), record).stream()
                    .map(Candidate::getCandidateId)
                    .forEach(seen::add);
        } else if (record.topic().equals(topics.curated().name())) {
            decoded(topics.curated(), record).stream()
                    .filter(s -> s.getRank() < s.getKept())
                    .map(Watch::name)
                    .forEach(seen::add);
        } else if (record.topic().equals(topics.trainingSteps().name())) {
            decoded(topics.trainingSteps(), record).stream()
                    .mapToInt(TrainingStep::getStep)
                    .forEach(step -> steps = Math.max(steps, step));
        }
    }

    private static String name(CuratedSample s) {
        return "curated " + s.getPromptId() + "/" + s.getRound() + "/" + s.getRank();
    }

    /** Empty when it is poison. */
    private static <V extends SpecificRecord> List<V> decoded(
            Topic<V> topic, ConsumerRecord<byte[], byte[]> record) {
        try {
            return List.of(Plain.ofWire(record.value()).as(topic.type()));
        } catch (RuntimeException e) {
            return List.of();
        }
    }
}
