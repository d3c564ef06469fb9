package io.mitune.app.grading;

import java.util.Collection;
import java.util.Locale;

/**
 * A mean with its standard error, over prompts.
 *
 * <p>The images of one prompt are not independent, so a prompt counts as one value: first the mean
 * within each prompt, then this over prompts. Immutable.
 *
 * @param mean mean of the values
 * @param standardError sample standard deviation over the root of the count; NaN for one value
 * @param count number of values
 */
public record Estimate(double mean, double standardError, int count) {

    /** The estimate from one value a prompt; all NaN when there are none. */
    public static Estimate of(Collection<Double> values) {
        var n = values.size();
        var mean = values.stream().mapToDouble(v -> v).sum() / n;
        var squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
        return new Estimate(mean, n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1) / n), n);
    }

    /** For shares: "58.1 ± 3.8", in percent. */
    public String percent() {
        return format(100, 1);
    }

    /** For differences of shares: "+7.3 ± 2.2", in percent points. */
    public String signedPercent() {
        return (mean >= 0 ? "+" : "") + percent();
    }

    /** "0.123 ± 0.004" with so many decimals. */
    public String decimals(int digits) {
        return format(1, digits);
    }

    private String format(double factor, int digits) {
        if (count == 0) {
            return "-";
        }
        var number = "%." + digits + "f";
        var shown = String.format(Locale.ROOT, number, factor * mean);
        if (Double.isNaN(standardError)) {
            return shown;
        }
        return shown + " \u00b1 " + String.format(Locale.ROOT, number, factor * standardError);
    }
}
