package io.mitune.app.blobs;

import io.mitune.app.dlq.DeadLetterValues;
import io.mitune.app.log.TopicLog;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;

/** Reads from all topics which blobs are named. Stateless. */
final class BlobNames {
    private BlobNames() {}

    /**
     * @param connections one for each topic prefix that shares the store
     * @param unkeptBefore see {@link NamedBlobs}
     * @param faults gets one line for each record that cannot be read
     */
    static NamedBlobs read(
            List<Connection> connections, Optional<Instant> unkeptBefore, Consumer<String> faults) {
        var named = new NamedBlobs(unkeptBefore);
        for (var connection : connections) {
            for (var topic : inOrder(connection)) {
                offer(connection, topic, named, faults);
            }
            var stream = connection.topics().deadLetters().name();
            DeadLetterValues.open(connection).forEach(v -> named.offer(stream, v));
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

    @SuppressWarnings("unchecked") // the type was looked at above
    private static void offer(
            Connection connection, Topic<?> topic, NamedBlobs named, Consumer<String> faults) {
        var stream = connection.topics().deadLetters().name();
        TopicLog.forEach(
                connection,
                (Topic<? extends SpecificRecord>) topic,
                value -> named.offer(stream, value),
                faults);
    }
}
