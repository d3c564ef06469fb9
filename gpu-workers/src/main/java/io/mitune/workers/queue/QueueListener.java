package io.mitune.workers.queue;

import org.apache.avro.specific.SpecificRecord;

/**
 * Follows a {@link TaskLoop}, for metrics; called on both of its threads, so calls must be quick.
 */
public interface QueueListener {
    /** Follows nothing. */
    QueueListener NONE = new QueueListener() {};

    /** A result is handed to the log. */
    default void emitted(SpecificRecord result) {}

    /**
     * A lock was to be renewed.
     *
     * @param kept false when it is lost, so that the task will come again
     */
    default void renewed(boolean kept) {}

    /**
     * A task is a dead letter.
     *
     * @param topic it came from
     */
    default void buried(String topic) {}

    /** The blob store can't be used and the task at hand waits for it, or it can be used again. */
    default void blobs(boolean usable) {}
}
