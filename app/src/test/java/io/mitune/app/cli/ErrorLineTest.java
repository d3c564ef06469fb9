package io.mitune.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;

class ErrorLineTest {
    @Test
    void namesTheFileInsideAnyWrapping() {
        var missing = new UncheckedIOException(new NoSuchFileException("a/b.json"));
        assertEquals(
                "a/b.json: no such file or folder",
                ErrorLine.of(new RuntimeException(new ExecutionException(missing))));
    }

    @Test
    void keepsTheMessageOfOurOwnErrors() {
        assertEquals("a: expected b", ErrorLine.of(new UserError("a: expected b")));
        assertEquals("a: expected b", ErrorLine.of(new IllegalArgumentException("a: expected b")));
    }

    @Test
    void namesWhyAKafkaClientCouldNotBeMade() {
        var wrong = new ConfigException("No resolvable bootstrap urls");
        assertEquals(
                "kafka: No resolvable bootstrap urls; see --bootstrap-server, --kafka and"
                        + " --kafka-config",
                ErrorLine.of(new KafkaException("Failed to construct kafka consumer", wrong)));
    }

    @Test
    void saysThatABugIsABugAndWhere() {
        var line = ErrorLine.of(new NullPointerException());
        assertTrue(line.startsWith("NullPointerException at " + getClass().getName()), line);
        assertTrue(line.endsWith("--verbose shows the trace"), line);
    }

    @Test
    void textFromOutsideCannotDrawOnTheTerminalOrFillIt() {
        assertEquals("a  [2Jb | c", ErrorLine.clean("a\u0007\u001b[2Jb\n\n  c\n"));
        assertTrue(ErrorLine.clean("x".repeat(10_000_000)).length() < 700);
    }
}
