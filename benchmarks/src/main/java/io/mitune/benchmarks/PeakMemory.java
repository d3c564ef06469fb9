package io.mitune.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;

/**
 * The process's largest resident set so far, in MiB: heap, native tensors, mapped files and
 * libraries, as the kernel counts them. The peer's figure comes from the same counter.
 */
final class PeakMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");
    private static final String FIELD = "VmHWM:";

    private static double beforeRestart;

    private PeakMemory() {}

    /** The peak of the process, where the system tells it. */
    static synchronized OptionalDouble mebibytes() {
        var peak = sinceRestart();
        return peak.isEmpty()
                ? peak
                : OptionalDouble.of(Math.max(beforeRestart, peak.getAsDouble()));
    }

    /** The peak since the last restart, likewise. */
    static OptionalDouble sinceRestart() {
        if (!Files.isReadable(STATUS)) {
            return OptionalDouble.empty();
        }
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith(FIELD))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Counts from what is resident now, where the system can. */
    static synchronized void restart() {
        beforeRestart = mebibytes().orElse(0);
        if (!Files.isWritable(CLEAR)) {
            return;
        }
        try {
            Files.writeString(CLEAR, "5");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
