package io.mitune.app.security;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.CommandLineRunner;
import io.mitune.app.CommandLineRunner.Result;
import io.mitune.app.Main;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Runs commands as users of a secured cluster, in this process or in one of their own. */
final class Users implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private final SecuredCluster cluster;
    private final Path folder;
    private final Map<String, Process> processes = new LinkedHashMap<>();

    Users(SecuredCluster cluster, Path folder) {
        this.cluster = cluster;
        this.folder = folder;
    }

    /** Runs {@code mitune words...} with the user's own password. */
    Result run(String user, Object... words) {
        clientFile(user);
        return CommandLineRunner.run(connected(user, words).toArray());
    }

    /** A role as a process of its own; a user has one at a time. */
    Process start(String user, Object... words) throws IOException {
        clientFile(user);
        var line = new ArrayList<String>();
        line.add(ProcessHandle.current().info().command().orElseThrow());
        line.addAll(List.of("-Xmx512m", "-cp", System.getProperty("java.class.path")));
        line.add(Main.class.getName());
        line.add("--verbose");
        connected(user, words).forEach(word -> line.add(word.toString()));
        var process =
                new ProcessBuilder(line)
                        .redirectErrorStream(true)
                        .redirectOutput(log(user).toFile())
                        .start();
        processes.put(user, process);
        return process;
    }

    /**
     * The port of a server that the user's process starts.
     *
     * @param name what it says before the address
     */
    int port(String user, String name) {
        var address = Pattern.compile(name + " ?http://127\\.0\\.0\\.1:(\\d+)");
        await(() -> address.matcher(said(user)).find(), () -> said(user));
        var found = address.matcher(said(user));
        assertTrue(found.find());
        return Integer.parseInt(found.group(1));
    }

    /** Waits for something that takes its time. */
    static void await(BooleanSupplier done, Supplier<String> found) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!done.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, found);
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }

    /** What this user's process said. */
    String said(String user) {
        try {
            return Files.exists(log(user)) ? Files.readString(log(user)) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What all processes said. */
    String said() {
        var text = new StringBuilder();
        processes.keySet().forEach(user -> text.append(user).append(":\n").append(said(user)));
        return text.toString();
    }

    @Override
    public void close() {
        processes.values().forEach(Process::destroyForcibly);
    }

    private void clientFile(String user) {
        try {
            cluster.clientFile(user);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path log(String user) {
        return folder.resolve(user + ".log");
    }

    private List<Object> connected(String user, Object... words) {
        var all = new ArrayList<Object>(List.of(words));
        all.addAll(List.of("--bootstrap-server", cluster.bootstrapServers()));
        all.addAll(List.of("--schema-registry-url", cluster.registryUrl()));
        all.addAll(List.of("--kafka-config", folder.resolve(user + ".properties")));
        return all;
    }
}
