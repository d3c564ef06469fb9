package io.mitune.benchmarks.queue;

import io.mitune.benchmarks.TopicTail;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.Connection;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/**
 * Reads the candidates topic and knows how many distinct candidates each worker had made at a time.
 *
 * <p>Workers publish a task's candidates together, so the count is interpolated between one task's
 * end and the next: a task that lies across the edge of a measurement counts for its part. Belongs
 * to one thread.
 */
final class Meter implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    private final KafkaConsumer<String, Candidate> consumer;
    private final int perTask;
    private final Set<String> known = new HashSet<>();

    /** By worker, the time in milliseconds at which a task ended, and the candidates until then. */
    private final Map<String, TreeMap<Long, Integer>> made = new HashMap<>();

    private final Map<String, String> lastTask = new HashMap<>();
    private int repeated;

    Meter(Connection connection, int perTask) {
        this.perTask = perTask;
        consumer = TopicTail.of(connection, connection.topics().candidates());
    }

    /** Reads what has come. */
    void look() {
        for (var record : consumer.poll(POLL)) {
            var c = record.value();
            if (!known.add(c.getCandidateId())) {
                repeated++;
                continue;
            }
            var ends = made.computeIfAbsent(c.getWorker(), w -> new TreeMap<>());
            int before = ends.isEmpty() ? 0 : ends.lastEntry().getValue();
            var task = c.getPromptId() + "/" + c.getIndex() / perTask;
            if (task.equals(lastTask.put(c.getWorker(), task))) {
                ends.pollLastEntry();
            }
            ends.put(record.timestamp(), before + 1);
        }
    }

    /** Candidates that came twice. */
    int repeated() {
        return repeated;
    }

    /** Whether each of these workers has ended a task after that time. */
    boolean allAfter(Collection<String> workers, long millis) {
        return workers.stream()
                .allMatch(w -> made.containsKey(w) && made.get(w).lastKey() > millis);
    }

    /** Candidates that all workers together made between two times. */
    double between(long from, long to) {
        return made.values().stream().mapToDouble(ends -> at(ends, to) - at(ends, from)).sum();
    }

    private static double at(TreeMap<Long, Integer> ends, long time) {
        var before = ends.floorEntry(time);
        var after = ends.higherEntry(time);
        if (before == null || after == null) {
            return before == null ? 0 : before.getValue();
        }
        double part = (time - before.getKey()) / (double) (after.getKey() - before.getKey());
        return before.getValue() + part * (after.getValue() - before.getValue());
    }

    @Override
    public void close() {
        consumer.close();
    }
}
