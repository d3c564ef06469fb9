package io.mitune.benchmarks.queue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A part of the stream as a process of its own, so that its processor time can be told apart. Ready
 * when it has printed a line that begins with {@code ready}. Belongs to one thread.
 */
final class ChildJvm implements AutoCloseable {
    private final String name;
    private final Process process;
    private final String ready;

    private ChildJvm(String name, Process process) throws IOException {
        this.name = name;
        this.process = process;
        ready = readyLine(process.inputReader());
    }

    static ChildJvm start(String name, Class<?> main, String... arguments) throws IOException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var command = new ArrayList<>(List.of(java, "-Xmx512m", "-XX:+UseSerialGC"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        return new ChildJvm(name, builder.start());
    }

    /** Words of the line by which it said that it is ready. */
    List<String> ready() {
        return List.of(ready.split(" "));
    }

    /** Processor time so far, seconds. */
    double cpuSeconds() {
        var used = process.info().totalCpuDuration();
        return used.map(d -> d.toNanos() / 1e9)
                .orElseThrow(() -> new IllegalStateException(name + ": expected it to run"));
    }

    private String readyLine(BufferedReader output) throws IOException {
        for (var line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith("ready")) {
                return line;
            }
        }
        throw new IllegalStateException(name + ": expected a line 'ready ...', found its end");
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
