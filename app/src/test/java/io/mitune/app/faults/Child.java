package io.mitune.app.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A JVM of its own that is killed, stopped, paused and started again; all of it in one log file.
 */
final class Child implements AutoCloseable {
    static final int TERMINATED = 128 + 15;

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int LAST_LINES = 25;

    private final String name;
    private final Path log;
    private final List<String> command = new ArrayList<>();
    private Process process;
    private boolean meantToRun;

    Child(String name, Path folder, Class<?> main, List<String> arguments) {
        this.name = name;
        log = folder.resolve(name + ".log");
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.add("-Dlogback.configurationFile=faults/logback.xml");
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
    }

    String name() {
        return name;
    }

    synchronized void start() {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        // as in the oracle's process: the number of threads is part of what fixes the bits
        builder.environment().put("OMP_NUM_THREADS", "1");
        try {
            process = builder.start();
            meantToRun = true;
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    /** SIGKILL. */
    synchronized void kill() {
        meantToRun = false;
        process.destroyForcibly();
        exit();
    }

    /** SIGTERM; returns the exit code. */
    synchronized int stop() {
        meantToRun = false;
        process.destroy();
        return exit();
    }

    synchronized void pause() {
        signal("-STOP");
    }

    synchronized void resume() {
        signal("-CONT");
    }

    /** Whether it ended although nobody told it to. */
    synchronized boolean hasFallen() {
        return meantToRun && !process.isAlive();
    }

    /** Whether it ended by itself and had nothing more to do. */
    synchronized boolean endedWell() {
        return hasFallen() && process.exitValue() == 0;
    }

    private int exit() {
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError(
                        name + ": did not end within " + PATIENCE.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return process.exitValue();
    }

    /** The end of its log. */
    String lastLines() {
        try {
            var lines = Files.exists(log) ? Files.readAllLines(log) : List.<String>of();
            int from = Math.max(0, lines.size() - LAST_LINES);
            return name
                    + ", "
                    + log
                    + ":\n  "
                    + String.join("\n  ", lines.subList(from, lines.size()));
        } catch (IOException e) {
            return name + ": no log: " + e.getMessage();
        }
    }

    @Override
    public synchronized void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }

    private void signal(String signal) {
        try {
            new ProcessBuilder("kill", signal, Long.toString(process.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(name + ": kill " + signal, e);
        }
    }
}
