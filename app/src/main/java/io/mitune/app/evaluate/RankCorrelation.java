package io.mitune.app.evaluate;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How far two scores put the same images in the same order: 1 the same, 0 unrelated, -1 reversed.
 *
 * <p>Ranks and not values are compared, since scores of different kinds have different scales. NaN
 * where one of the two has no order at all (fewer than two values, or all equal). Stateless.
 *
 * <pre>
 *   Spearman's rho: Pearson's correlation of the ranks, equal values sharing their mean rank
 *   Kendall's tau-b = (P - Q) / sqrt((P + Q + X) (P + Q + Y)),  P concordant and Q discordant
 *                     pairs, X pairs equal in x alone, Y in y alone
 * </pre>
 */
public final class RankCorrelation {
    private RankCorrelation() {}

    /** Spearman's rho. */
    public static double spearman(List<Double> x, List<Double> y) {
        requireSameSize(x, y);
        return pearson(ranks(x), ranks(y));
    }

    /** Kendall's tau-b, in time that grows with the square of the number of values. */
    public static double kendall(List<Double> x, List<Double> y) {
        requireSameSize(x, y);
        var a = x.stream().mapToDouble(v -> v).toArray();
        var b = y.stream().mapToDouble(v -> v).toArray();
        long concordant = 0, discordant = 0, onlyX = 0, onlyY = 0;
        for (var i = 0; i < a.length; i++) {
            for (var j = 0; j < i; j++) {
                var inX = Double.compare(a[i], a[j]);
                var inY = Double.compare(b[i], b[j]);
                if (inX == 0 && inY != 0) {
                    onlyX++;
                } else if (inX != 0 && inY == 0) {
                    onlyY++;
                } else if (inX != 0) {
                    concordant += inX == inY ? 1 : 0;
                    discordant += inX == inY ? 0 : 1;
                }
            }
        }
        var ordered = (double) (concordant + discordant);
        return (concordant - discordant) / Math.sqrt((ordered + onlyX) * (ordered + onlyY));
    }

    /** From 1; equal values share the mean of their ranks. */
    static double[] ranks(List<Double> values) {
        var order =
                IntStream.range(0, values.size())
                        .boxed()
                        .sorted(Comparator.comparingDouble(values::get))
                        .toList();
        var ranks = new double[values.size()];
        for (int from = 0, to; from < ranks.length; from = to) {
            to = from + 1;
            while (to < ranks.length && same(values, order.get(from), order.get(to))) {
                to++;
            }
            for (var i = from; i < to; i++) {
                ranks[order.get(i)] = (from + 1 + to) / 2.0;
            }
        }
        return ranks;
    }

    private static boolean same(List<Double> values, int one, int other) {
        return values.get(one).equals(values.get(other));
    }

    private static double pearson(double[] x, double[] y) {
        var meanX = Arrays.stream(x).average().orElse(Double.NaN);
        var meanY = Arrays.stream(y).average().orElse(Double.NaN);
        double both = 0, inX = 0, inY = 0;
        for (var i = 0; i < x.length; i++) {
            both += (x[i] - meanX) * (y[i] - meanY);
            inX += (x[i] - meanX) * (x[i] - meanX);
            inY += (y[i] - meanY) * (y[i] - meanY);
        }
        return both / Math.sqrt(inX * inY);
    }

    private static void requireSameSize(List<Double> x, List<Double> y) {
        if (x.size() != y.size()) {
            throw new IllegalArgumentException(
                    "correlation: expected as many values, found %d and %d"
                            .formatted(x.size(), y.size()));
        }
    }
}
