package io.mitune.app.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.cli.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFolderTest {
    @TempDir Path folder;

    @Test
    void theFolderAppearsWholeOrNotAtAll() throws IOException {
        var wanted = folder.resolve("out");
        try (var failed = OutputFolder.make(wanted)) {
            Files.writeString(failed.path().resolve("a"), "half");
        }
        assertEquals(0, count());
        try (var whole = OutputFolder.make(wanted)) {
            Files.createDirectories(whole.path().resolve("deep/er"));
            Files.writeString(whole.path().resolve("deep/er/a"), "all");
            assertFalse(Files.exists(wanted));
            whole.publish();
        }
        assertEquals(1, count());
        try (var files = Files.list(wanted)) {
            assertEquals(1, files.count(), "no mark is left");
        }
        assertThrows(UserError.class, () -> OutputFolder.make(wanted));
    }

    @Test
    void onlyWhatAKilledExportLeftIsRemoved() throws IOException {
        var partial = folder.resolve("out.partial");
        Files.createDirectories(partial.resolve("mine"));
        assertThrows(UserError.class, () -> OutputFolder.make(folder.resolve("out")));
        assertTrue(Files.exists(partial.resolve("mine")));
        Files.createFile(partial.resolve(".mitune-export")); // as after a kill
        try (var next = OutputFolder.make(folder.resolve("out"))) {
            assertFalse(Files.exists(next.path().resolve("mine")));
            var running =
                    assertThrows(UserError.class, () -> OutputFolder.make(folder.resolve("out")));
            assertTrue(running.getMessage().contains("still runs"), running.getMessage());
        }
    }

    @Test
    void aKilledProcessLeavesNothingThatLooksWholeAndIsReplaced() throws Exception {
        var wanted = folder.resolve("out");
        var java = ProcessHandle.current().info().command().orElseThrow();
        var path = System.getProperty("java.class.path");
        var main = Writer.class.getName();
        var child = new ProcessBuilder(java, "-cp", path, main, wanted.toString()).start();
        try (var said = child.inputReader()) {
            assertEquals("half", said.readLine());
            var running = assertThrows(UserError.class, () -> OutputFolder.make(wanted));
            assertTrue(running.getMessage().contains("still runs"), running.getMessage());
        } finally {
            child.destroyForcibly().waitFor();
        }
        assertFalse(Files.exists(wanted));
        assertTrue(Files.exists(folder.resolve("out.partial/half")));
        try (var next = OutputFolder.make(wanted)) {
            assertFalse(Files.exists(next.path().resolve("half")));
            next.publish();
        }
        assertEquals(1, count());
    }

    /** Writes half of a folder and waits to be killed. */
    static final class Writer {
        public static void main(String[] args) throws IOException {
            try (var out = OutputFolder.make(Path.of(args[0]))) {
                Files.writeString(out.path().resolve("half"), "half");
                System.out.println("half");
                var more = System.in.read();
                throw new IllegalStateException("expected to be killed, found " + more);
            }
        }
    }

    private long count() throws IOException {
        try (var files = Files.list(folder)) {
            return files.count();
        }
    }
}
