package io.mitune.benchmarks.queue;

import java.util.Locale;
import java.util.Map;

/**
 * What was measured with one number of workers. Immutable.
 *
 * @param workers how many
 * @param seconds length of the measurement
 * @param candidates made in it
 * @param ideal candidates that the devices could have made in it
 * @param cpu processor seconds of each process in it
 * @param bytes by which each part of the log grew in it
 */
record Stage(
        int workers,
        double seconds,
        double candidates,
        double ideal,
        Map<String, Double> cpu,
        Map<String, Long> bytes) {

    static String header() {
        return """
               | workers | candidates/s | ideal | of ideal | of n x one worker | planner | curator | broker |
               |--:|--:|--:|--:|--:|--:|--:|--:|""";
    }

    /** One line; processor time in milliseconds for a candidate. */
    String row(Stage one) {
        double rate = candidates / seconds;
        double single = one.candidates / one.seconds / one.workers;
        return String.format(
                Locale.ROOT,
                "| %d | %.2f | %.2f | %.1f %% | %.1f %% | %.1f | %.1f | %.1f |",
                workers,
                rate,
                ideal / seconds,
                100 * candidates / ideal,
                100 * rate / (workers * single),
                milliseconds("planner"),
                milliseconds("curator"),
                milliseconds("broker"));
    }

    /** Lines of a second table. */
    String bytesTable() {
        var table = new StringBuilder("| log | bytes for a candidate |\n|---|--:|\n");
        bytes.forEach(
                (log, n) -> {
                    if (n > 0) {
                        table.append("| %s | %.0f |%n".formatted(log, n / candidates));
                    }
                });
        return table.toString();
    }

    private double milliseconds(String process) {
        return 1e3 * cpu.get(process) / candidates;
    }
}
