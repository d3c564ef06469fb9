package io.mitune.app.blobs;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.ProgressBar;
import io.mitune.app.dlq.DeadLetterValues;
import io.mitune.app.log.TopicLog;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;

/** Reads from all topics which blobs are named. Stateless. */
final class BlobNames {
    private BlobNames() {}

    /**
     * @param connections one for each topic prefix that shares the store
     * @param unkeptBefore see {@link NamedBlobs}
     * @param faults gets one line for each record that cannot be read
     * @param console shows how many topics are read
     */
    static NamedBlobs read(
            List<Connection> connections,
            Optional<Instant> unkeptBefore,
            Consumer<String> faults,
            Console console) {
        var named = new NamedBlobs(unkeptBefore);
        int all = connections.stream().mapToInt(c -> inOrder(c).size() + 1).sum();
        try (var bar = new ProgressBar(console, "read", all, "topics")) {
            for (var connection : connections) {
                for (var topic : inOrder(connection)) {
                    offer(connection, topic, named, faults, bar);
                    bar.advance(1);
                }
                var stream = connection.topics().deadLetters().name();
                DeadLetterValues.forEachOpen(connection, v -> named.offer(stream, v));
                bar.advance(1);
            }
        }
        return named;
    }

    /** Candidates last, since what was kept of them must be known. */
    private static List<Topic<?>> inOrder(Connection connection) {
        var topics = new ArrayList<Topic<?>>(connection.topics().all());
        topics.removeIf(t -> !SpecificRecord.class.isAssignableFrom(t.type()));
        topics.remove(connection.topics().candidates());
        topics.add(connection.topics().candidates());
        return topics;
    }

    private static void offer(
            Connection connection,
            Topic<?> topic,
            NamedBlobs named,
            Consumer<String> faults,
            ProgressBar bar) {
        var stream = connection.topics().deadLetters().name();
        var type = topic.type().asSubclass(SpecificRecord.class);
        var serde = connection.serde(type).deserializer();
        try (var log = TopicLog.untilEnd(connection, topic)) {
            var seen = new AtomicLong();
            log.forEach(
                    record -> {
                        TopicLog.value(record, serde, faults)
                                .ifPresent(value -> named.offer(stream, value));
                        bar.underWay(Math.min(1.0, (double) seen.incrementAndGet() / log.size()));
                    });
        }
    }
}
