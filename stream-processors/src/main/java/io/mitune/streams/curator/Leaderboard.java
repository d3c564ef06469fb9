package io.mitune.streams.curator;

import io.mitune.schemas.BlobRef;
import io.mitune.schemas.Candidate;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The distinct candidates of one prompt in one round, by index.
 *
 * <p>Deliveries repeat and come in any order, so the board is a function of the set of candidates
 * only: of two with the same index the valid one stays, then the better one. Immutable.
 */
public record Leaderboard(SortedMap<Integer, Candidate> byIndex) {
    private static final Comparator<Candidate> PREFERRED_FIRST =
            Comparator.comparing((Candidate c) -> !isValid(c))
                    .thenComparing(Comparator.comparingDouble(Candidate::getMi).reversed())
                    .thenComparingInt(Candidate::getAdapterVersion)
                    .thenComparing(c -> sha(c.getLatents()))
                    .thenComparing(c -> sha(c.getPreview()))
                    .thenComparing(Candidate::getModelDigest);

    public Leaderboard {
        byIndex = Collections.unmodifiableSortedMap(new TreeMap<>(byIndex));
    }

    /** The board of these candidates, in whatever order and however often they come. */
    public static Leaderboard of(Collection<Candidate> candidates) {
        var byIndex = new TreeMap<Integer, Candidate>();
        candidates.forEach(c -> byIndex.merge(c.getIndex(), c, Leaderboard::preferred));
        return new Leaderboard(byIndex);
    }

    /** Which of two candidates with the same index counts. */
    public static Candidate preferred(Candidate a, Candidate b) {
        return PREFERRED_FIRST.compare(a, b) <= 0 ? a : b;
    }

    /** Has a finite score and latents to train on. */
    public static boolean isValid(Candidate c) {
        return c.getFailure() == null && Double.isFinite(c.getMi()) && c.getLatents() != null;
    }

    /** Candidates that can be trained on, by index. */
    List<Candidate> valid() {
        return byIndex.values().stream().filter(Leaderboard::isValid).toList();
    }

    /** Any candidate, always the same one, for what all of a prompt's candidates share. */
    public Optional<Candidate> first() {
        return byIndex.values().stream().findFirst();
    }

    private static String sha(BlobRef ref) {
        return ref == null ? "" : ref.getSha256();
    }
}
