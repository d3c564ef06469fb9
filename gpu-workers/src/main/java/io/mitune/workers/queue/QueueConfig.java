package io.mitune.workers.queue;

import java.time.Duration;

/**
 * How a {@link TaskLoop} takes tasks from its share group.
 *
 * @param group name of the share group
 * @param worker name of this worker, for logs and dead letters
 * @param lock how long a task is ours without renewal; the broker's limits are 15 s to 60 s unless
 *     changed there
 * @param deliveryLimit deliveries after which a task is a dead letter. The last one isn't tried: a
 *     task that kills its process leaves no other chance to write the dead letter
 * @param finishGrace how long a stopping loop lets the current task finish; given back, a task is a
 *     delivery nearer to its limit, for brokers count that as any other
 * @param abandonGrace how long it then waits for the task to notice that it is abandoned
 * @param outagePatience how long a task is kept and tried again while the blob store cannot be used
 */
public record QueueConfig(
        String group,
        String worker,
        Duration lock,
        int deliveryLimit,
        Duration finishGrace,
        Duration abandonGrace,
        Duration outagePatience) {
    /** Brokers allow no more unless changed there. */
    private static final int MOST_DELIVERIES = 10;

    public QueueConfig {
        if (deliveryLimit < 2 || deliveryLimit >= MOST_DELIVERIES) {
            throw new IllegalArgumentException(
                    "deliveryLimit: expected 2 to 9, found " + deliveryLimit);
        }
        if (lock.compareTo(Duration.ofSeconds(1)) < 0 || lock.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("lock: expected 1 s to 1 h, found " + lock);
        }
    }

    /** Lock of 30 s, 5 deliveries, 10 s to finish and 10 s to abandon, an hour of outage. */
    public static QueueConfig of(String group, String worker) {
        return new QueueConfig(
                group,
                worker,
                Duration.ofSeconds(30),
                5,
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofHours(1));
    }

    public QueueConfig withLock(Duration value) {
        return new QueueConfig(
                group, worker, value, deliveryLimit, finishGrace, abandonGrace, outagePatience);
    }

    public QueueConfig withFinishGrace(Duration value) {
        return new QueueConfig(
                group, worker, lock, deliveryLimit, value, abandonGrace, outagePatience);
    }

    /**
     * The broker's limit, after which it drops a task without a word: above ours, so that a worker
     * that dies before it has written the dead letter leaves that to another.
     */
    int brokerDeliveryLimit() {
        return Math.min(MOST_DELIVERIES, 2 * deliveryLimit);
    }
}
