package io.mitune.app.dashboard.state;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Counts of values in bins of equal width, whatever their range turns out to be.
 *
 * <p>MI is a few nats for a small model and hundreds for a large one, and the log says so only
 * while it is read: when a value falls outside, neighbouring bins are joined two by two, which is
 * exact, since bins begin at multiples of their width. Memory is fixed. Not thread-safe.
 */
final class Histogram {
    private static final int BINS = 512;
    private static final double LARGEST = 1e12; // beyond it nothing is counted

    private final long[] counts = new long[BINS];
    private double width = 1.0 / 64;
    private long first; // number of the bin in counts[0]: it begins at first * width
    private long total;
    private double sum;

    void add(double value) {
        if (!Double.isFinite(value) || Math.abs(value) > LARGEST) {
            return;
        }
        if (total == 0) {
            first = bin(value) - BINS / 2;
        }
        while (bin(value) < first || bin(value) >= first + BINS) {
            widen();
        }
        counts[(int) (bin(value) - first)]++;
        total++;
        sum += value;
    }

    /** At most {@code bins} bins between the least and the greatest value. */
    ObjectNode json(int bins) {
        var object = Json.object();
        object.put("total", total);
        Json.put(object, "mean", total == 0 ? Double.NaN : sum / total);
        int from = 0;
        int end = BINS;
        while (from < end && counts[from] == 0) {
            from++;
        }
        while (end > from && counts[end - 1] == 0) {
            end--;
        }
        int join = 1;
        while (groups(from, end, join) > bins) {
            join *= 2;
        }
        long start = Math.floorDiv(first + from, (long) join);
        Json.put(object, "start", start * join * width);
        object.put("width", join * width);
        var list = object.putArray("counts");
        for (int group = 0; group < groups(from, end, join); group++) {
            long count = 0;
            for (int i = 0; i < join; i++) {
                long at = (start + group) * join + i - first;
                count += at >= 0 && at < BINS ? counts[(int) at] : 0;
            }
            list.add(count);
        }
        return object;
    }

    private int groups(int from, int end, int join) {
        if (from >= end) {
            return 0;
        }
        long last = Math.floorDiv(first + end - 1, (long) join);
        return (int) (last - Math.floorDiv(first + from, (long) join) + 1);
    }

    private long bin(double value) {
        return (long) Math.floor(value / width);
    }

    /** Joins the bins by pairs and keeps them in the middle. */
    private void widen() {
        long half = Math.floorDiv(first, 2L);
        var joined = new long[BINS];
        long newFirst = half - BINS / 4;
        for (int i = 0; i < BINS; i++) {
            joined[(int) (Math.floorDiv(first + i, 2L) - newFirst)] += counts[i];
        }
        System.arraycopy(joined, 0, counts, 0, BINS);
        first = newFirst;
        width *= 2;
    }
}
