package io.mitune.app.log;

import io.mitune.app.cli.UserError;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/** Where in a topic to start reading. Immutable. */
public sealed interface StartAt {
    /** With the oldest record. */
    record Beginning() implements StartAt {}

    /** With what comes from now on. */
    record Latest() implements StartAt {}

    /** With the first record of each partition that is not older. */
    record Time(Instant at) implements StartAt {}

    /** With these offsets by partition; partitions without one from their beginning. */
    record Offsets(Map<Integer, Long> next) implements StartAt {
        public Offsets {
            next = Map.copyOf(next);
        }

        /** What retention has removed meanwhile is passed over. */
        private void seekAll(Consumer<?, ?> consumer, Map<TopicPartition, Long> ends) {
            var beginnings = consumer.beginningOffsets(ends.keySet());
            ends.forEach(
                    (partition, end) -> {
                        var offset = next.getOrDefault(partition.partition(), 0L);
                        if (offset > end) {
                            throw outside(partition, offset, end);
                        }
                        consumer.seek(partition, Math.max(offset, beginnings.get(partition)));
                    });
        }
    }

    /** {@code beginning}, {@code latest}, a time such as 2026-01-31T12:00:00Z, or -PT10M. */
    static StartAt parse(String name, String text, Instant now) {
        return switch (text) {
            case "beginning", "earliest" -> new Beginning();
            case "latest" -> new Latest();
            default ->
                    time(text, now)
                            .map(Time::new)
                            .orElseThrow(
                                    () ->
                                            new UserError(
                                                    name
                                                            + ": expected beginning, latest, a time"
                                                            + " such as 2026-01-31T12:00:00Z or a"
                                                            + " time ago such as -PT10M, found "
                                                            + text));
        };
    }

    /** A point in time, or one so long before now: -PT10M, -P1D. */
    static Optional<Instant> time(String text, Instant now) {
        try {
            return Optional.of(
                    text.startsWith("-P")
                            ? now.minus(Duration.parse(text.substring(1)))
                            : Instant.parse(text));
        } catch (DateTimeException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    /** Puts a consumer there that has these partitions, with their present ends. */
    default void seek(Consumer<?, ?> consumer, Map<TopicPartition, Long> ends) {
        if (this instanceof Latest) {
            ends.forEach(consumer::seek);
        } else if (this instanceof Time time) {
            var millis = Math.max(0, time.at().toEpochMilli());
            var asked = ends.keySet().stream().collect(Collectors.toMap(p -> p, p -> millis));
            var found = consumer.offsetsForTimes(asked);
            ends.forEach(
                    (partition, end) -> {
                        var at = found.get(partition);
                        consumer.seek(partition, at == null ? end : at.offset());
                    });
        } else {
            consumer.seekToBeginning(ends.keySet());
            if (this instanceof Offsets offsets) {
                offsets.seekAll(consumer, ends);
            }
        }
    }

    private static IllegalArgumentException outside(
            TopicPartition partition, long offset, long end) {
        return new IllegalArgumentException(
                "offset of partition %d: expected 0 to %d, found %d; start from the beginning"
                        .formatted(partition.partition(), end, offset));
    }
}
