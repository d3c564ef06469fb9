package io.mitune.app.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A documented command that goes on until it is stopped: a process of its own, with its log. */
final class Background {
    private static final Duration PATIENCE = Duration.ofMinutes(6);
    private static final int TERMINATED = 128 + 15;

    private final String name;
    private final Path log;
    private final Pattern ready;
    private final Process process;

    /**
     * @param ready what it has said once it works
     */
    Background(String name, ProcessBuilder command, Path log, Pattern ready) throws IOException {
        this.name = name;
        this.log = log;
        this.ready = ready;
        process = command.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }

    /** Waits until it works; gives the place where it said so. */
    Matcher awaitReady() throws IOException {
        return await(ready);
    }

    /** Waits until it has said that. */
    Matcher await(Pattern text) throws IOException {
        var end = System.nanoTime() + PATIENCE.toNanos();
        var found = text.matcher(said());
        while (!found.find()) {
            assertTrue(process.isAlive(), () -> name + " ended: " + saidOrNone());
            assertTrue(System.nanoTime() < end, () -> name + " waits: " + saidOrNone());
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            found = text.matcher(said());
        }
        return found;
    }

    void assertAlive() {
        assertTrue(process.isAlive(), () -> name + " ended by itself: " + saidOrNone());
    }

    /** Stops it as {@code kill} does, and expects that it was still at work until then. */
    void stop() throws IOException, InterruptedException {
        assertAlive();
        process.destroy();
        assertTrue(process.waitFor(2, TimeUnit.MINUTES), () -> name + ": " + saidOrNone());
        assertEquals(TERMINATED, process.exitValue(), () -> name + ": " + saidOrNone());
    }

    /** Ends it whatever became of it. */
    void destroy() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    @Override
    public String toString() {
        return name + ": " + saidOrNone();
    }

    private String said() throws IOException {
        return Files.readString(log);
    }

    private String saidOrNone() {
        try {
            return said();
        } catch (IOException e) {
            return e.getMessage();
        }
    }
}
