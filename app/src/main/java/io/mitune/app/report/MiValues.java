package io.mitune.app.report;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * The scores of any number of candidates in bounded memory: beyond a million every second one is
 * left out, then every fourth, and so on, in the order of the log. Belongs to one thread.
 */
final class MiValues {
    private static final int MOST = 1 << 20;

    private double[] values = new double[1024];
    private int size;
    private long seen;
    private long stride = 1;

    /** Those that are no numbers are left out. */
    void add(double value) {
        if (!Double.isFinite(value) || seen++ % stride != 0) {
            return;
        }
        if (size == MOST) {
            for (var i = 0; i < size / 2; i++) {
                values[i] = values[2 * i];
            }
            size /= 2;
            stride *= 2;
        }
        if (size == values.length) {
            values = Arrays.copyOf(values, 2 * size);
        }
        values[size++] = value;
    }

    long count() {
        return seen;
    }

    DoubleStream stream() {
        return Arrays.stream(values, 0, size);
    }

    double mean() {
        return stream().average().orElse(Double.NaN);
    }
}
