package io.mitune.app.survey;

/**
 * How often something was chosen of the times that it was shown. Immutable.
 *
 * @param chosen answers
 * @param shown answers
 */
record Share(int chosen, int shown) {
    static final Share NONE = new Share(0, 0);

    /** Of the standard normal distribution, for 95 % on both sides. */
    private static final double Z = 1.959963984540054;

    /** The bounds of an interval. */
    record Interval(double low, double high) {}

    Share plus(boolean wasChosen) {
        return new Share(chosen + (wasChosen ? 1 : 0), shown + 1);
    }

    /** NaN where nothing was shown. */
    double value() {
        return (double) chosen / shown;
    }

    /** 95 % interval of the share. */
    Interval wilson() {
        return wilson(value(), shown);
    }

    /**
     * Wilson's 95 % score interval (1927): of the p that n trials would not contradict. Unlike p
     * plus or minus a standard error it stays within 0 and 1, and is right for small n, too.
     *
     * <pre>  (p + z^2 / 2n  -+  z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)  </pre>
     */
    static Interval wilson(double p, int n) {
        if (n == 0) {
            return new Interval(Double.NaN, Double.NaN);
        }
        var square = Z * Z / n;
        var middle = p + square / 2;
        var half = Z * Math.sqrt(p * (1 - p) / n + square / (4 * n));
        return new Interval(
                Math.max(0, (middle - half) / (1 + square)),
                Math.min(1, (middle + half) / (1 + square)));
    }
}
