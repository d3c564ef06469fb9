package io.mitune.streams.promotion;

import io.mitune.schemas.Evaluation;
import io.mitune.schemas.RunSettings;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether a run has begun to collapse: its pictures become alike, and its score falls or leaps.
 *
 * <p>Each version may be a little worse than the one before and pass {@link PromotionRule}; over
 * several versions that adds up. And a model that feeds on its own samples becomes sure of itself:
 * its MI, which is its own word, grows far faster than better pictures make it (decision 14 has the
 * figures). A score that moves may be chance or progress, lost diversity may be what better
 * pictures cost, so both have to go beyond their bounds. The version in question is compared with
 * the oldest of the last promoted ones. Pure and immutable.
 *
 * @param versions how many promoted versions it looks back
 * @param diversityDrop part of the diversity that may be lost
 * @param scoreDrop standard errors that the score may fall
 * @param scoreRise times its height that the score may rise to; says nothing of a score that was
 *     not above 0
 */
record CollapseGuard(int versions, double diversityDrop, double scoreDrop, double scoreRise) {

    /** What was found, with the numbers, in one line. */
    record Finding(boolean collapsed, String text) {}

    private static final Finding UNKNOWN =
            new Finding(
                    false,
                    "collapse not looked for: no diversity to compare with, it takes 2 or more"
                            + " images of each validation prompt");

    /** The guard that the settings ask for, if they do. */
    static Optional<CollapseGuard> of(RunSettings settings) {
        return settings.getGuardVersions() < 1
                ? Optional.empty()
                : Optional.of(
                        new CollapseGuard(
                                settings.getGuardVersions(),
                                settings.getGuardDiversityDrop(),
                                settings.getGuardScoreDrop(),
                                settings.getGuardScoreRise()));
    }

    /**
     * @param of the version in question
     * @param promoted evaluations of the versions promoted before it, oldest first
     */
    Finding examine(Evaluation of, List<Evaluation> promoted) {
        var last = promoted.subList(Math.max(0, promoted.size() - versions), promoted.size());
        return last.stream()
                .filter(e -> e.getDiversity() != null && Double.isFinite(e.getMeanMi()))
                .findFirst()
                .filter(reference -> of.getDiversity() != null)
                .map(reference -> compare(of, reference))
                .orElse(UNKNOWN);
    }

    private Finding compare(Evaluation of, Evaluation reference) {
        var difference = ScoreDifference.of(of, reference);
        double before = reference.getMeanMi();
        double now = before + difference.mean();
        double leastDiversity = (1 - diversityDrop) * reference.getDiversity();
        double leastScore = before - scoreDrop * difference.standardError();
        double mostScore = before > 0 ? scoreRise * before : Double.POSITIVE_INFINITY;
        boolean collapsed =
                of.getDiversity() < leastDiversity && (now < leastScore || now > mostScore);
        return new Finding(
                collapsed,
                String.format(
                        Locale.ROOT,
                        "%s: since version %d diversity went from %.4g to %.4g (at least %.4g"
                                + " allowed), mean MI from %.4g to %.4g (%.4g to %.4g allowed)",
                        collapsed ? "collapse" : "no collapse",
                        reference.getVersion(),
                        reference.getDiversity(),
                        of.getDiversity(),
                        leastDiversity,
                        before,
                        now,
                        leastScore,
                        mostScore));
    }
}
