package io.mitune.workers.queue;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Tasks that are done while the broker doesn't know it, because the lock was lost meanwhile.
 *
 * <p>After a broker restart the very same task comes back to its worker; its results are in the log
 * already, so it is settled at once instead of being computed again. Holds the newest 256. Used by
 * one thread.
 */
final class Unconfirmed {
    private static final int LIMIT = 256;

    private final Map<Place, AcknowledgeType> settled =
            new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Place, AcknowledgeType> eldest) {
                    return size() > LIMIT;
                }
            };

    void remember(ConsumerRecord<byte[], byte[]> record, AcknowledgeType type) {
        settled.put(Place.of(record), type);
    }

    /** What became of the record, once. */
    Optional<AcknowledgeType> take(ConsumerRecord<byte[], byte[]> record) {
        return settled.isEmpty()
                ? Optional.empty()
                : Optional.ofNullable(settled.remove(Place.of(record)));
    }
}
