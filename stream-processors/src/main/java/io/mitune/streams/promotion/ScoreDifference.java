package io.mitune.streams.promotion;

import io.mitune.schemas.Evaluation;
import java.util.stream.IntStream;

/**
 * By how much one version's validation score lies above another's.
 *
 * <p>Prompt by prompt where both evaluations have the same prompts: they draw the same seeds, so
 * most of the spread is common to both. Immutable.
 *
 * @param mean in nats
 * @param standardError of that mean
 */
record ScoreDifference(double mean, double standardError) {

    /** The first minus the second. */
    static ScoreDifference of(Evaluation a, Evaluation b) {
        int n = a.getPromptMi().size();
        if (n < 2 || n != b.getPromptMi().size() || !PromotionRule.allFinite(b.getPromptMi())) {
            return new ScoreDifference(
                    a.getMeanMi() - b.getMeanMi(), Math.hypot(error(a), error(b)));
        }
        double[] d =
                IntStream.range(0, n)
                        .mapToDouble(i -> a.getPromptMi().get(i) - b.getPromptMi().get(i))
                        .toArray();
        double mean = IntStream.range(0, n).mapToDouble(i -> d[i]).sum() / n;
        double squares =
                IntStream.range(0, n).mapToDouble(i -> (d[i] - mean) * (d[i] - mean)).sum();
        return new ScoreDifference(mean, Math.sqrt(squares / (n - 1) / n));
    }

    private static double error(Evaluation e) {
        double error = e.getStandardErrorMi();
        return Double.isFinite(error) && error > 0 ? error : 0;
    }
}
