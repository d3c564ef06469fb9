package io.mitune.benchmarks;

import java.util.Map;

/**
 * What a job took. Immutable.
 *
 * @param seconds wall time, without start and warm-up
 * @param items candidates, images or training samples made in it
 * @param more further figures by name
 */
record Measurement(double seconds, int items, Map<String, Double> more) {
    Measurement(double seconds, int items) {
        this(seconds, items, Map.of());
    }

    /** Runs the work and measures it. */
    static Measurement of(int items, Runnable work) {
        return new Measurement(seconds(work), items);
    }

    /** Wall time of the work. */
    static double seconds(Runnable work) {
        long begin = System.nanoTime();
        work.run();
        return (System.nanoTime() - begin) / 1e9;
    }
}
