package io.mitune.app.dlq;

import io.mitune.schemas.DeadLetters;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * A record that could not be processed, and what is known of the failure.
 *
 * <p>Everything in it comes from the topic, so a part that makes no sense is empty. Immutable.
 *
 * @param raw as it lies in the dead-letter topic: key, value and headers of the failed record, and
 *     the headers of {@link DeadLetters}
 */
record DeadLetter(ConsumerRecord<byte[], byte[]> raw) {
    private static final int MAX_NUMBER_DIGITS = 18;

    /** PARTITION-OFFSET in the dead-letter topic. */
    String id() {
        return raw.partition() + "-" + raw.offset();
    }

    /** When it was given up. */
    Instant at() {
        return Instant.ofEpochMilli(raw.timestamp());
    }

    /** Topic of the failed record. */
    String topic() {
        return text(DeadLetters.TOPIC).orElse("");
    }

    /** Partition of the failed record. */
    Optional<Integer> partition() {
        return number(DeadLetters.PARTITION)
                .filter(n -> n <= Integer.MAX_VALUE)
                .map(Long::intValue);
    }

    /** Where the failed record lay, TOPIC-PARTITION at OFFSET. */
    String source() {
        return topic()
                + "-"
                + partition().map(n -> Integer.toString(n)).orElse("?")
                + " at "
                + number(DeadLetters.OFFSET).map(n -> Long.toString(n)).orElse("?");
    }

    /** Who gave it up; Kafka Streams' own handlers do not say. */
    String role() {
        return text(DeadLetters.ROLE).orElse("streams");
    }

    /** Why, in one line. */
    String reason() {
        return text(DeadLetters.MESSAGE)
                .or(() -> text(DeadLetters.EXCEPTION))
                .orElse("no reason given")
                .replaceAll("\\p{Cntrl}+", " ");
    }

    /** Where in the program, if that was noted. */
    Optional<String> stackTrace() {
        return text(DeadLetters.STACKTRACE);
    }

    String key() {
        return raw.key() == null ? "" : new String(raw.key(), StandardCharsets.UTF_8);
    }

    /** How often the record had been sent again before this failure. */
    int redrives() {
        return number(DeadLetters.REDRIVES)
                .map(n -> (int) Math.min(n, Integer.MAX_VALUE - 1))
                .orElse(0);
    }

    /** Whether only the beginning of the value was kept, so that it cannot be sent again. */
    boolean isTruncated() {
        return text(DeadLetters.TRUNCATED).isPresent();
    }

    /** The failed record's own headers. */
    Headers ownHeaders() {
        var own = new RecordHeaders();
        for (Header header : raw.headers()) {
            var name = header.key();
            if (!DeadLetters.tellsOfFailure(name) && !name.equals(DeadLetters.REDRIVES)) {
                own.add(header);
            }
        }
        return own;
    }

    /** The letter that this record says was sent again; empty when it is a letter itself. */
    static Optional<String> redriven(ConsumerRecord<byte[], byte[]> record) {
        return record.value() == null ? text(record, DeadLetters.REDRIVEN) : Optional.empty();
    }

    private Optional<String> text(String name) {
        return text(raw, name);
    }

    private static Optional<String> text(ConsumerRecord<byte[], byte[]> record, String name) {
        return Optional.ofNullable(record.headers().lastHeader(name))
                .map(Header::value)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    private Optional<Long> number(String name) {
        return text(name)
                .filter(t -> t.matches("[0-9]{1," + MAX_NUMBER_DIGITS + "}"))
                .map(Long::parseLong);
    }
}
