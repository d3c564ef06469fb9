package io.mitune.app.dashboard.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.dashboard.TestStream;
import io.mitune.app.dashboard.state.DashboardState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the live page reads of a real broker's log, and what it says when it cannot. */
class ReadersIT {
    @TempDir private static Path folder;
    private static TestStream stream;

    @BeforeAll
    static void start() {
        stream = new TestStream(folder);
        stream.prompt(1, 2);
        stream.candidate(1, 0, 2, 5, null);
        stream.deadLetter("candidates: expected an id, found none");
        stream.redriven();
        stream.flush();
    }

    @AfterAll
    static void stop() {
        stream.close();
    }

    @Test
    void theMarkOfARedrivenLetterIsNoLetter() {
        var state = state();
        try (var log = new LogReader(stream.connection(), state)) {
            awaitCaughtUp(log);
            assertEquals(1, state.snapshot(0).at("/deadLetters/count").asInt());
        }
    }

    @Test
    void readingThatEndedIsTold() {
        var state = state();
        try (var log = new LogReader(stream.connection(), state)) {
            awaitCaughtUp(log);
            assertEquals("", state.snapshot(0).at("/pipeline/loading/failure").asText());
            Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().equals("dashboard-log"))
                    .forEach(Thread::interrupt); // nothing that reading again would mend
            var ended = log.ended().toCompletableFuture().orTimeout(1, TimeUnit.MINUTES);
            var failure = assertThrows(CompletionException.class, ended::join);
            assertEquals(InterruptException.class, failure.getCause().getClass());
            assertThrows(InterruptException.class, log::caughtUp);
            assertTrue(
                    state.snapshot(0).at("/pipeline/loading/failure").asText().contains("Interru"));
        }
    }

    @Test
    void aLogThatIsTooLongIsNoPromptWithoutCandidates() {
        var id = TestStream.promptId(1);
        try (var reader = new CandidateReader(stream.connection())) {
            assertEquals(1, reader.read("", id, 1, Optional.empty()).size());
        }
        try (var reader = new CandidateReader(stream.connection(), Duration.ZERO)) {
            var e =
                    assertThrows(
                            TimeoutException.class, () -> reader.read("", id, 1, Optional.empty()));
            assertTrue(e.getMessage().startsWith("candidates of " + id), e.getMessage());
        }
    }

    @Test
    void ofTooManyCandidatesTheFirstAreReadAndThatIsKnown() {
        for (int index = 2002; index >= 0; index--) {
            stream.candidate(2, index, 2003, 5, null);
        }
        for (int index = 0; index < 2000; index++) {
            stream.candidate(3, index, 2000, 5, null);
        }
        stream.flush();
        try (var reader = new CandidateReader(stream.connection())) {
            var cut = reader.read(TestStream.RUN, TestStream.promptId(2), 1, Optional.empty());
            assertEquals(2000, cut.size());
            assertEquals(3, cut.get(0).getIndex(), "the first that came");
            assertTrue(CandidateReader.isCut(cut));
            var all = reader.read("", TestStream.promptId(3), 1, Optional.empty());
            assertEquals(2000, all.size());
            assertFalse(CandidateReader.isCut(all));
        }
    }

    private static DashboardState state() {
        var names = stream.connection().topics().shortNames().values();
        return new DashboardState(List.copyOf(names));
    }

    private static void awaitCaughtUp(LogReader log) {
        var end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (!log.caughtUp()) {
            assertTrue(System.nanoTime() < end, "expected it within 60 s");
            LockSupport.parkNanos(10_000_000);
        }
    }
}
