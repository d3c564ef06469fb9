package io.mitune.schemas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With real processes, since locks belong to them. */
class ScratchDirectoryTest {
    private static final String PREFIX = "scratch-";
    private static final int OFTEN = 100;

    @TempDir Path dir;
    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void stop() throws InterruptedException {
        for (var process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void whatAKilledProcessLeftIsRemovedAndWhatALivingOneHasIsNot() throws Exception {
        var killed = process("hold");
        var living = process("hold");
        Path left = directoryOf(killed);
        Path used = directoryOf(living);
        Path foreign = Files.createDirectory(dir.resolve(PREFIX + "of-somebody"));
        Files.writeString(foreign.resolve("file"), "no lock");
        Path elsewhere = Files.createDirectory(dir.resolve("kept"));
        Files.writeString(elsewhere.resolve(".lock"), "");
        Files.createSymbolicLink(dir.resolve(PREFIX + "link"), elsewhere);
        killed.destroyForcibly().waitFor();
        assertTrue(Files.exists(left.resolve("below/file")));

        try (var mine = ScratchDirectory.create(dir, PREFIX)) {
            assertFalse(Files.exists(left));
            assertTrue(Files.exists(used.resolve("below/file")));
            assertTrue(Files.exists(foreign.resolve("file")));
            assertTrue(Files.exists(elsewhere.resolve(".lock")));
            try (var another = ScratchDirectory.create(dir, PREFIX)) {
                assertTrue(Files.exists(mine.path()) && Files.exists(another.path()));
            }
            assertTrue(Files.exists(mine.path()));
        }
        assertEquals(4, names().size(), () -> "kept, used, foreign, link");
    }

    /** Killed between making the directory and locking it, or half-way through a removal. */
    @Test
    void anEmptyDirectoryAndAHalfRemovedOneGoToo() throws IOException {
        Path empty = Files.createDirectory(dir.resolve(PREFIX + "empty"));
        Path half = Files.createDirectory(dir.resolve(PREFIX + "half"));
        Files.writeString(half.resolve(".lock"), "");
        ScratchDirectory.create(dir, PREFIX).close();
        assertFalse(Files.exists(empty) || Files.exists(half));
        assertEquals(List.of(), names());
    }

    @Test
    void processesThatMakeAndRemoveAllTheTimeNeverTakeEachOthers() throws Exception {
        var all = List.of(process("often"), process("often"), process("often"));
        for (var process : all) {
            assertTrue(process.waitFor(3, TimeUnit.MINUTES));
            assertEquals(0, process.exitValue(), () -> said(process));
        }
        assertEquals(List.of(), names());
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(dir)) {
            return files.map(f -> f.getFileName().toString()).toList();
        }
    }

    private Process process(String what) throws IOException {
        var java = ProcessHandle.current().info().command().orElseThrow();
        var process =
                new ProcessBuilder(
                                java,
                                "-Xmx64m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Child.class.getName(),
                                what,
                                dir.toString())
                        .redirectErrorStream(true)
                        .start();
        processes.add(process);
        return process;
    }

    private static Path directoryOf(Process process) throws IOException {
        var out = new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8);
        return Path.of(new BufferedReader(out).readLine());
    }

    private static String said(Process process) {
        try {
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** A process that uses scratch. */
    static final class Child {
        private Child() {}

        public static void main(String[] args) throws IOException {
            Path parent = Path.of(args[1]);
            if (args[0].equals("hold")) {
                hold(parent);
            } else {
                for (int i = 0; i < OFTEN; i++) {
                    useOnce(parent);
                }
            }
        }

        private static void hold(Path parent) throws IOException {
            var scratch = ScratchDirectory.create(parent, PREFIX);
            Path below = Files.createDirectory(scratch.path().resolve("below"));
            Files.writeString(below.resolve("file"), "in work");
            System.out.println(scratch.path());
            System.in.read(); // until it is killed
        }

        private static void useOnce(Path parent) throws IOException {
            try (var scratch = ScratchDirectory.create(parent, PREFIX)) {
                Path file = Files.writeString(scratch.path().resolve("file"), "in work");
                Files.delete(file); // an error when somebody else did it
            }
        }
    }
}
