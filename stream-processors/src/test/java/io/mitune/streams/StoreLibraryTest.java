package io.mitune.streams;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.LRUCache;

/** With real processes that are killed, since those clean nothing up. */
class StoreLibraryTest {
    @TempDir Path temporary;
    @TempDir Path state;

    @Test
    void killedProcessesLeaveOneCopyBesideTheStores() throws Exception {
        for (int life = 0; life < 2; life++) {
            var process = start();
            try (var out = process.getInputStream();
                    var lines = new InputStreamReader(out, StandardCharsets.UTF_8)) {
                assertEquals("opened", new BufferedReader(lines).readLine());
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
        assertEquals(1, libraries(state));
        assertEquals(0, libraries(temporary));
    }

    private Process start() throws IOException {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Opener.class.getName(),
                        state.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static long libraries(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(f -> f.getFileName().toString().contains("rocksdb")).count();
        }
    }

    /** A process that uses the library and waits to be killed. */
    static final class Opener {
        private Opener() {}

        public static void main(String[] args) throws IOException {
            StoreLibrary.unpackTo(Path.of(args[0]));
            new LRUCache(1 << 20).close();
            System.out.println("opened");
            System.in.read();
        }
    }
}
