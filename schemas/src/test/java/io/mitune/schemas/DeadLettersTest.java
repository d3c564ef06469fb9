package io.mitune.schemas;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class DeadLettersTest {
    private static final byte[] KEY = {1, -1};
    private static final byte[] VALUE = {0, -128, 127};

    private final Topics topics = new Topics("t.");
    private final ConsumerRecord<byte[], byte[]> failed =
            new ConsumerRecord<>("t.prompts", 3, 17L, KEY, VALUE);

    @Test
    void keepsTheRecordAndSaysWhereItWasAndWhy() {
        failed.headers().add("own", KEY);
        var error = new IllegalStateException("two\n  lines");
        var letter = DeadLetters.of(topics, failed, "worker", error);
        assertEquals("t.dead-letters", letter.topic());
        assertArrayEquals(KEY, letter.key());
        assertArrayEquals(VALUE, letter.value());
        assertArrayEquals(KEY, letter.headers().lastHeader("own").value());
        assertEquals("t.prompts", header(letter, "__streams.errors.topic"));
        assertEquals("3", header(letter, "__streams.errors.partition"));
        assertEquals("17", header(letter, "__streams.errors.offset"));
        assertEquals("two lines", header(letter, "__streams.errors.message"));
        assertEquals(
                "java.lang.IllegalStateException", header(letter, "__streams.errors.exception"));
        assertTrue(header(letter, "__streams.errors.stacktrace").contains("DeadLettersTest.java:"));
        assertEquals("worker", header(letter, "mitune.role"));
    }

    @Test
    void aRefusedRecordHasAReasonAndNoTrace() {
        var letter = DeadLetters.of(topics, failed, "trainer", "wrong model");
        assertEquals("wrong model", header(letter, "__streams.errors.message"));
        assertEquals(null, letter.headers().lastHeader("__streams.errors.stacktrace"));
    }

    @Test
    void aTombstoneAndANamelessExceptionPassAsWell() {
        var empty = new ConsumerRecord<byte[], byte[]>("t.prompts", 0, 0L, null, null);
        var letter = DeadLetters.of(topics, empty, "worker", new NullPointerException());
        assertEquals(null, letter.value());
        assertEquals("no message", header(letter, "__streams.errors.message"));
    }

    @Test
    void aRecordTooLargeForTheTopicIsCutAndSaysSo() {
        byte[] large = new byte[5 << 20];
        large[0] = 7;
        var huge = new ConsumerRecord<>("t.prompts", 0, 0L, new byte[2 << 20], large);
        huge.headers().add("own", large);
        var letter = DeadLetters.of(topics, huge, "worker", "x".repeat(1 << 20));
        assertEquals(1 << 20, letter.value().length);
        assertEquals(7, letter.value()[0]);
        assertEquals(null, letter.key());
        assertEquals("5242880", header(letter, "mitune.truncated"));
        int size = letter.value().length;
        for (var h : letter.headers()) {
            size += h.value().length;
        }
        assertTrue(size < 2 << 20, "size " + size);
    }

    private static String header(ProducerRecord<byte[], byte[]> letter, String name) {
        return new String(letter.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}
