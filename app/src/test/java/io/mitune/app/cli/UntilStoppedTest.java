package io.mitune.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class UntilStoppedTest {
    private static final int INTERRUPTED = 128 + 2;

    /** A role that is long at stopping. */
    static final class Slow {
        private Slow() {}

        public static void main(String[] args) throws Exception {
            try (var until = new UntilStopped()) {
                until.closing(() -> new CountDownLatch(1).await(30, TimeUnit.SECONDS));
                until.onStop(() -> say("stops"));
                say("runs");
                until.await();
            }
        }

        private static void say(String word) {
            new java.io.PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true)
                    .println(word);
        }
    }

    @Test
    void aSecondInterruptEndsAtOnceWhatIsLongAtStopping() throws Exception {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var process =
                new ProcessBuilder(
                                "env", // a shell's background job ignores interrupts
                                "--default-signal=INT",
                                java,
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Slow.class.getName())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (var said = process.inputReader()) {
            assertEquals("runs", said.readLine());
            interrupt(process);
            assertEquals("stops", said.readLine());
            assertFalse(process.waitFor(500, TimeUnit.MILLISECONDS), "the first is patient");
            interrupt(process);
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
            assertEquals(INTERRUPTED, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }

    private static void interrupt(Process process) throws IOException, InterruptedException {
        var kill = List.of("kill", "-INT", Long.toString(process.pid()));
        assertEquals(0, new ProcessBuilder(kill).start().waitFor());
    }
}
