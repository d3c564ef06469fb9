package io.mitune.workers.queue;

import java.time.Duration;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One record that the share group lent to us, until it is settled or lost.
 *
 * <p>The broker takes a record back when its lock expires, when its partition gets another leader
 * or when the broker restarts. We learn it at the next renewal; then the record is <em>lost</em>:
 * someone else, perhaps we ourselves, gets it again. Used by the consumer's thread only.
 */
final class Lease {
    private static final Logger log = LoggerFactory.getLogger(Lease.class);

    /** Bounds one talk with the broker; beyond it the lock is close to its end anyhow. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final ShareConsumer<byte[], byte[]> consumer;
    private final ConsumerRecord<byte[], byte[]> record;
    private final QueueListener listener;
    private final long renewEveryNanos;
    private long renewAt;
    private boolean lost;

    Lease(
            ShareConsumer<byte[], byte[]> consumer,
            ConsumerRecord<byte[], byte[]> record,
            Duration lock,
            QueueListener listener) {
        this.consumer = consumer;
        this.record = record;
        this.listener = listener;
        Duration granted = consumer.acquisitionLockTimeoutMs().map(Duration::ofMillis).orElse(lock);
        renewEveryNanos = granted.toNanos() / 3;
        renewAt = System.nanoTime() + renewEveryNanos;
    }

    /** Renews the lock when a third of it has passed. */
    void renewWhenDue() {
        if (lost || System.nanoTime() - renewAt < 0) {
            return;
        }
        lost = !settle(AcknowledgeType.RENEW) || !takeBack();
        renewAt = System.nanoTime() + renewEveryNanos;
        listener.renewed(!lost);
        if (lost) {
            log.warn("{}: its lock is lost; the task goes on and will come again", name(record));
        }
    }

    /**
     * Tells the broker what became of the record.
     *
     * @return whether the broker took it; if not, the record comes again
     */
    boolean settle(AcknowledgeType type) {
        if (lost) {
            return false;
        }
        try {
            consumer.acknowledge(record, type);
            for (var answer : consumer.commitSync(PATIENCE).values()) {
                if (answer.isPresent()) {
                    log.warn("{}: {} refused: {}", name(record), type, answer.get().getMessage());
                    return false;
                }
            }
            return true;
        } catch (KafkaException | IllegalStateException e) {
            log.warn("{}: {} failed: {}", name(record), type, e.getMessage());
            return false;
        }
    }

    /** A renewed record must be polled again before it can be acknowledged again. */
    private boolean takeBack() {
        boolean back = false;
        try {
            for (var again : consumer.poll(PATIENCE)) {
                if (again.offset() == record.offset()
                        && again.partition() == record.partition()
                        && again.topic().equals(record.topic())) {
                    back = true;
                } else {
                    consumer.acknowledge(again, AcknowledgeType.RELEASE);
                }
            }
        } catch (KafkaException e) {
            log.warn("{}: cannot be taken back: {}", name(record), e.getMessage());
        }
        return back;
    }

    static String name(ConsumerRecord<byte[], byte[]> record) {
        return record.topic() + "-" + record.partition() + "@" + record.offset();
    }
}
