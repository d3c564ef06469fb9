package io.mitune.app.adapter;

import io.mitune.app.cli.UserError;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Evaluation;
import io.mitune.streams.promotion.AdapterStatus;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The version of a run with the best mean score over the validation prompts.
 *
 * <p>Test prompts never choose: the scores are those that promotion decides by, which the trainer
 * asked for with its validation prompts. Versions that promotion rejected do not take part, and
 * scores count only where as many prompts and images were drawn with the same model as for the
 * newest version. Of equal scores the older version wins. Immutable.
 */
final class BestVersion {
    private final String run;
    private final Map<Integer, Evaluation> evaluations;

    /**
     * @param evaluations of all runs, oldest first; a later one of the same version counts
     */
    BestVersion(String run, List<Evaluation> evaluations) {
        this.run = run;
        this.evaluations =
                evaluations.stream()
                        .filter(e -> e.getRun().equals(run))
                        .collect(
                                Collectors.toMap(
                                        Evaluation::getVersion,
                                        e -> e,
                                        (older, newer) -> newer,
                                        TreeMap::new));
    }

    /** The validation score of a version; nothing when it has none. */
    Optional<Double> score(int version) {
        return Optional.ofNullable(evaluations.get(version))
                .filter(BestVersion::isSound)
                .map(Evaluation::getMeanMi);
    }

    /** The best of these versions. */
    AdapterEvent of(Collection<AdapterEvent> versions) {
        var candidates =
                versions.stream()
                        .filter(e -> e.getRun().equals(run) && e.getAdapter() != null)
                        .filter(e -> !e.getStatus().equals(AdapterStatus.REJECTED))
                        .filter(e -> score(e.getVersion()).isPresent())
                        .toList();
        var newest = candidates.stream().max(Comparator.comparingInt(AdapterEvent::getVersion));
        return candidates.stream()
                .filter(comparableWith(newest))
                .max(
                        Comparator.comparingDouble(
                                        (AdapterEvent e) -> score(e.getVersion()).orElseThrow())
                                .thenComparing(
                                        Comparator.comparingInt(AdapterEvent::getVersion)
                                                .reversed()))
                .orElseThrow(
                        () ->
                                new UserError(
                                        ("run %s: expected a version with a validation score"
                                                        + " that was not rejected, found none; name a"
                                                        + " version")
                                                .formatted(run)));
    }

    private Predicate<AdapterEvent> comparableWith(Optional<AdapterEvent> newest) {
        return event -> {
            var own = evaluations.get(event.getVersion());
            var other = evaluations.get(newest.orElseThrow().getVersion());
            return own.getPromptMi().size() == other.getPromptMi().size()
                    && own.getImages() == other.getImages()
                    && own.getModelDigest().equals(other.getModelDigest());
        };
    }

    private static boolean isSound(Evaluation evaluation) {
        return evaluation.getFinite() && Double.isFinite(evaluation.getMeanMi());
    }
}
