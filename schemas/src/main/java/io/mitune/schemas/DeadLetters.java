package io.mitune.schemas;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Records for the dead-letter topic.
 *
 * <p>Key, value and headers are the failed record's own bytes, so that it can be sent again
 * unchanged; the headers of KIP-1034 say where it came from and why it failed. Kafka Streams' own
 * exception handlers write the same form, hence one tool reads them all. A record too large for the
 * dead-letter topic leaves its key and headers and all but the value's first MiB behind, so that it
 * cannot stop a reader for ever. Thread-safe.
 */
public final class DeadLetters {
    /** Class name of the exception. */
    public static final String EXCEPTION = "__streams.errors.exception";

    /** What went wrong, in one line. */
    public static final String MESSAGE = "__streams.errors.message";

    /** Stack trace, where there is one. */
    public static final String STACKTRACE = "__streams.errors.stacktrace";

    /** Topic of the failed record. */
    public static final String TOPIC = "__streams.errors.topic";

    /** Partition of the failed record, in decimal. */
    public static final String PARTITION = "__streams.errors.partition";

    /** Offset of the failed record, in decimal. */
    public static final String OFFSET = "__streams.errors.offset";

    /** Who gave up: worker, trainer, ... */
    public static final String ROLE = "mitune.role";

    /** Bytes of the failed value, where only its beginning was kept. */
    public static final String TRUNCATED = "mitune.truncated";

    /** In a record that was sent again from here: how often that was done, in decimal. */
    public static final String REDRIVES = "mitune.redrives";

    /** In a record without a value: the letter that was sent again, as PARTITION-OFFSET. */
    public static final String REDRIVEN = "mitune.redriven";

    /**
     * How long a letter can be sent again. What makes a second sending harmless must be remembered
     * as long.
     */
    public static final Duration KEPT = Duration.ofDays(365);

    private static final String FAILURE_PREFIX = "__streams.errors.";

    /** What the dead-letter topic takes as one record. */
    static final int MAX_RECORD_BYTES = 4 << 20;

    private static final int MAX_KEPT_BYTES = 3 << 20;
    private static final int MAX_BEGINNING_BYTES = 1 << 20;
    private static final int MAX_TEXT_CHARS = 16_000;

    private DeadLetters() {}

    /** The dead letter of a record on which {@code role} failed with {@code error}. */
    public static ProducerRecord<byte[], byte[]> of(
            Topics topics, ConsumerRecord<byte[], byte[]> failed, String role, Throwable error) {
        String message = error.getMessage() == null ? "no message" : error.getMessage();
        var letter = of(topics, failed, role, message, error.getClass().getName());
        var trace = new StringWriter();
        error.printStackTrace(new PrintWriter(trace, true));
        letter.headers().add(STACKTRACE, utf8(cut(trace.toString())));
        return letter;
    }

    /** The dead letter of a record that {@code role} refused for {@code reason}. */
    public static ProducerRecord<byte[], byte[]> of(
            Topics topics, ConsumerRecord<byte[], byte[]> failed, String role, String reason) {
        return of(topics, failed, role, reason, "rejected");
    }

    /** Whether a header tells of the failure, and is no part of the record that failed. */
    public static boolean tellsOfFailure(String header) {
        return header.startsWith(FAILURE_PREFIX) || header.equals(ROLE) || header.equals(TRUNCATED);
    }

    private static ProducerRecord<byte[], byte[]> of(
            Topics topics,
            ConsumerRecord<byte[], byte[]> failed,
            String role,
            String reason,
            String exception) {
        boolean whole = size(failed) <= MAX_KEPT_BYTES;
        var headers = new RecordHeaders();
        byte[] key = null;
        byte[] value = failed.value();
        if (whole) {
            failed.headers().forEach(headers::add);
            key = failed.key();
        } else if (value != null) {
            headers.add(TRUNCATED, utf8(Integer.toString(value.length)));
            value = Arrays.copyOf(value, Math.min(value.length, MAX_BEGINNING_BYTES));
        }
        headers.add(EXCEPTION, utf8(exception))
                .add(MESSAGE, utf8(cut(reason.replaceAll("\\s*\\R\\s*", " "))))
                .add(TOPIC, utf8(failed.topic()))
                .add(PARTITION, utf8(Integer.toString(failed.partition())))
                .add(OFFSET, utf8(Long.toString(failed.offset())))
                .add(ROLE, utf8(role));
        return new ProducerRecord<>(topics.deadLetters().name(), null, key, value, headers);
    }

    /** A compressed record may be far larger here than the broker's limit let it look. */
    private static long size(ConsumerRecord<byte[], byte[]> record) {
        long size = length(record.key()) + length(record.value());
        for (Header header : record.headers()) {
            size += 64 + header.key().length() * 3L + length(header.value());
        }
        return size;
    }

    private static long length(byte[] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    private static String cut(String text) {
        return text.length() <= MAX_TEXT_CHARS ? text : text.substring(0, MAX_TEXT_CHARS) + "...";
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
