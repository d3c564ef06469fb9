package io.mitune.streams.promotion;

import io.mitune.schemas.Evaluation;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether an adapter may be used for generation.
 *
 * <p>A run feeds on its own samples, so one broken adapter would spoil every round after it. The
 * rule: all values finite, the weights not changed beyond a bound, and the mean validation score
 * not below the parent's by more than a number of standard errors. All versions draw the same
 * seeds, so the scores are compared prompt by prompt where both evaluations have the same prompts.
 * Pure and immutable.
 *
 * @param always skip the comparison with the parent; the other two tests stay
 * @param tolerance standard errors of the difference that are put down to chance
 * @param maxAdapterNorm greatest relative weight change |W' - W| / |W|
 */
public record PromotionRule(boolean always, double tolerance, double maxAdapterNorm) {
    public static final PromotionRule DEFAULT = new PromotionRule(false, 2, 1);

    /** What was decided, and why, in one line. */
    public record Decision(boolean promoted, String reason) {}

    public PromotionRule {
        if (!(tolerance >= 0) || !Double.isFinite(tolerance)) {
            throw new IllegalArgumentException(
                    "promotion tolerance: expected 0 or more, found " + tolerance);
        }
        if (!(maxAdapterNorm > 0)) {
            throw new IllegalArgumentException(
                    "promotion max adapter norm: expected more than 0, found " + maxAdapterNorm);
        }
    }

    /** Whether the decision has to wait for the parent's evaluation. */
    public boolean needsParent(Evaluation of) {
        return !always && fault(of).isEmpty();
    }

    /**
     * @param of the evaluation of the adapter in question
     * @param parent the evaluation of the version it continues, unless {@link #needsParent} is
     *     false
     */
    public Decision decide(Evaluation of, Optional<Evaluation> parent) {
        var fault = fault(of);
        if (fault.isPresent()) {
            return new Decision(false, fault.get());
        }
        if (always) {
            return new Decision(
                    true, text("mean MI %.4g; promoted without comparison", of.getMeanMi()));
        }
        var reference = parent.orElseThrow();
        if (!Double.isFinite(reference.getMeanMi())) {
            return new Decision(
                    true,
                    text(
                            "mean MI %.4g; version %d has no finite score to compare with",
                            of.getMeanMi(), reference.getVersion()));
        }
        return compare(of, reference);
    }

    private Optional<String> fault(Evaluation of) {
        if (!of.getFinite() || !Double.isFinite(of.getMeanMi()) || !allFinite(of.getPromptMi())) {
            return Optional.of("expected finite latents and scores, found others");
        }
        if (!(of.getAdapterNorm() <= maxAdapterNorm)) {
            return Optional.of(
                    text(
                            "expected an adapter norm of at most %.4g, found %.4g",
                            maxAdapterNorm, of.getAdapterNorm()));
        }
        return Optional.empty();
    }

    private Decision compare(Evaluation of, Evaluation parent) {
        var difference = ScoreDifference.of(of, parent);
        boolean promoted = difference.mean() >= -tolerance * difference.standardError();
        return new Decision(
                promoted,
                text(
                        "mean MI %.4g, version %d has %.4g; difference %+.4g ± %.4g, %s"
                                + " %.4g standard errors",
                        of.getMeanMi(),
                        parent.getVersion(),
                        parent.getMeanMi(),
                        difference.mean(),
                        difference.standardError(),
                        promoted ? "not worse by more than" : "worse by more than",
                        tolerance));
    }

    static boolean allFinite(List<Double> values) {
        return values.stream().allMatch(Double::isFinite);
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
