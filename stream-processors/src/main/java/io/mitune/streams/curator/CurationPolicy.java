package io.mitune.streams.curator;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.Identity;
import io.mitune.schemas.RequestLimits;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.OptionalInt;

/**
 * Which candidates of a prompt are kept.
 *
 * <p>Several policies may follow one stream of candidates, each for a run of its own: the control
 * arm of an experiment costs no second generation. Immutable.
 *
 * @param name for the curated records
 * @param version raised when the rule behind the name changes
 * @param selection the order of preference
 * @param keep how many to keep; empty for what each request asks for
 * @param runSuffix appended to the run of the curated records; empty for the main arm
 */
public record CurationPolicy(
        String name, int version, Selection selection, OptionalInt keep, String runSuffix) {

    /** Keeps the candidates that share most information with their prompt: the method itself. */
    public static final CurationPolicy MI_MAX =
            new CurationPolicy("mi-max", 1, Selection.MI_MAX, OptionalInt.empty(), "");

    /** Keeps candidates picked blindly: the control that shows what the choice is worth. */
    public static final CurationPolicy RANDOM =
            new CurationPolicy("random", 1, Selection.RANDOM, OptionalInt.empty(), "-random");

    /** Order of preference among valid candidates; equal ones go by lower index. */
    public enum Selection {
        MI_MAX("best", "mi"),
        MI_MIN("worst", "mi"),
        RANDOM("first", "chance");

        private final String first;
        private final String measure;

        Selection(String first, String measure) {
            this.first = first;
            this.measure = measure;
        }

        /** Such as "best of 12 by mi", for the reason in a curated record. */
        String place(int rank, int of) {
            return (rank == 0 ? first : "number " + (rank + 1)) + " of " + of + " by " + measure;
        }

        Comparator<Candidate> order() {
            var byMi = Comparator.comparingDouble(Candidate::getMi);
            var order =
                    switch (this) {
                        case MI_MAX -> byMi.reversed();
                        case MI_MIN -> byMi;
                        case RANDOM -> Comparator.comparing(Selection::lot);
                    };
            return order.thenComparingInt(Candidate::getIndex);
        }

        /** A draw that any machine repeats: the hash of promptId, round and index. */
        private static String lot(Candidate c) {
            var id = Identity.candidateId(c.getPromptId(), c.getRound(), c.getIndex());
            return Identity.sha256(("lot/" + id).getBytes(StandardCharsets.UTF_8));
        }
    }

    public CurationPolicy {
        require(name.matches("[a-z0-9][a-z0-9-]{0,49}"), "name: expected a-z, 0-9, -", name);
        require(version >= 1, "version: expected 1 or more", version);
        require(
                keep.isEmpty()
                        || (keep.getAsInt() >= 1
                                && keep.getAsInt() <= RequestLimits.MAX_CANDIDATES),
                "keep: expected 1 to " + RequestLimits.MAX_CANDIDATES,
                keep);
        require(
                runSuffix.matches("[A-Za-z0-9._-]{0,50}"),
                "runSuffix: expected letters, digits, dots, hyphens or underscores",
                runSuffix);
    }

    int keepOf(int requested) {
        return keep.orElse(requested);
    }

    private static void require(boolean right, String what, Object found) {
        if (!right) {
            throw new IllegalArgumentException("curation policy: " + what + ", found " + found);
        }
    }
}
