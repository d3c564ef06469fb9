package io.mitune.producers;

import java.time.Duration;
import java.util.Map;

/**
 * How the brokers hand out a work queue. They are properties of the group on the brokers, and only
 * an administrator may set them. Immutable.
 *
 * @param group name of the share group
 * @param lock how long a worker may hold a record without renewing
 * @param deliveries how often a record is handed out before it is given up
 */
public record ShareGroupSettings(String group, Duration lock, int deliveries) {

    public ShareGroupSettings {
        if (lock.toMillis() < 1000 || lock.toHours() >= 1) {
            throw new IllegalArgumentException(
                    "share group " + group + ": lock: expected 1 s to 1 h, found " + lock);
        }
        if (deliveries < 2 || deliveries > 25) {
            throw new IllegalArgumentException(
                    "share group " + group + ": deliveries: expected 2 to 25, found " + deliveries);
        }
    }

    /** In the brokers' names; a new group starts at the first record, not at the latest. */
    Map<String, String> asConfig() {
        return Map.of(
                "share.auto.offset.reset", "earliest",
                "share.record.lock.duration.ms", Long.toString(lock.toMillis()),
                "share.delivery.count.limit", Integer.toString(deliveries));
    }
}
