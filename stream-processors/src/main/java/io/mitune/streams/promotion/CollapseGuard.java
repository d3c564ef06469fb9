package io.mitune.streams.promotion;

import io.mitune.schemas.Evaluation;
import io.mitune.schemas.RunSettings;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether a run has begun to collapse: its pictures become alike and its score falls.
 *
 * <p>Each version may be a little worse than the one before and pass {@link PromotionRule}; over
 * several versions that adds up. A fall of the score alone may be chance, one of diversity alone
 * may be what better pictures cost, so both have to fall beyond their bounds. The version in
 * question is compared with the oldest of the last promoted ones. Pure and immutable.
 *
 * @param versions how many promoted versions it looks back
 * @param diversityDrop part of the diversity that may be lost
 * @param scoreDrop standard errors that the score may fall
 */
record CollapseGuard(int versions, double diversityDrop, double scoreDrop) {

    /** What was found, with the numbers, in one line. */
    record Finding(boolean collapsed, String text) {}

    /** The guard that the settings ask for, if they do. */
    static Optional<CollapseGuard> of(RunSettings settings) {
        return settings.getGuardVersions() < 1
                ? Optional.empty()
                : Optional.of(
                        new CollapseGuard(
                                settings.getGuardVersions(),
                                settings.getGuardDiversityDrop(),
                                settings.getGuardScoreDrop()));
    }

    /**
     * @param of the version in question
     * @param promoted evaluations of the versions promoted before it, oldest first
     */
    Optional<Finding> examine(Evaluation of, List<Evaluation> promoted) {
        var last = promoted.subList(Math.max(0, promoted.size() - versions), promoted.size());
        return last.stream()
                .filter(e -> e.getDiversity() != null && Double.isFinite(e.getMeanMi()))
                .findFirst()
                .filter(reference -> of.getDiversity() != null)
                .map(reference -> compare(of, reference));
    }

    private Finding compare(Evaluation of, Evaluation reference) {
        var score = ScoreDifference.of(of, reference);
        boolean scoreFell = score.mean() < -scoreDrop * score.standardError();
        boolean diversityFell = of.getDiversity() < (1 - diversityDrop) * reference.getDiversity();
        boolean collapsed = scoreFell && diversityFell;
        return new Finding(
                collapsed,
                String.format(
                        Locale.ROOT,
                        "%s: since version %d diversity went from %.4g to %.4g (%.4g allowed),"
                                + " mean MI by %+.4g +- %.4g (%.4g standard errors allowed)",
                        collapsed ? "collapse" : "no collapse",
                        reference.getVersion(),
                        reference.getDiversity(),
                        of.getDiversity(),
                        (1 - diversityDrop) * reference.getDiversity(),
                        score.mean(),
                        score.standardError(),
                        scoreDrop));
    }
}
