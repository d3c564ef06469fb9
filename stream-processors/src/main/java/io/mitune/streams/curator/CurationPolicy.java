package io.mitune.streams.curator;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.RequestLimits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.ToDoubleFunction;

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
 * @param score what candidates are scored by
 * @param rule what a candidate must be to be kept
 * @param round what depends on the whole round
 * @param votes how far people's votes change the order
 */
public record CurationPolicy(
        String name,
        int version,
        Selection selection,
        OptionalInt keep,
        String runSuffix,
        ScoreRule score,
        KeepRule rule,
        RoundRule round,
        VoteMix votes) {

    /** Keeps the candidates that share most information with their prompt: the method itself. */
    public static final CurationPolicy MI_MAX =
            new CurationPolicy("mi-max", 1, Selection.MI_MAX, OptionalInt.empty(), "");

    /** Keeps candidates picked blindly: the control that shows what the choice is worth. */
    public static final CurationPolicy RANDOM =
            new CurationPolicy("random", 1, Selection.RANDOM, OptionalInt.empty(), "-random");

    /** Known without any event. */
    public static final List<CurationPolicy> BUILT_IN = List.of(MI_MAX, RANDOM);

    /** Order of preference among valid candidates; equal ones go by lower index. */
    public enum Selection {
        MI_MAX("best"),
        MI_MIN("worst"),
        RANDOM("first");

        private final String first;

        Selection(String first) {
            this.first = first;
        }
    }

    public CurationPolicy {
        PolicyFault.unless(
                name.matches("[a-z0-9][a-z0-9-]{0,49}"), "name: expected a-z, 0-9, -", name);
        PolicyFault.unless(version >= 1, "version: expected 1 or more", version);
        PolicyFault.unless(
                keep.isEmpty()
                        || (keep.getAsInt() >= 1
                                && keep.getAsInt() <= RequestLimits.MAX_CANDIDATES),
                "keep: expected 1 to " + RequestLimits.MAX_CANDIDATES,
                keep);
        PolicyFault.unless(
                runSuffix.matches("[A-Za-z0-9._-]{0,50}"),
                "runSuffix: expected letters, digits, dots, hyphens or underscores",
                runSuffix);
        boolean best = selection == Selection.MI_MAX;
        PolicyFault.unless(
                best || rule.margin().isEmpty(), "margin: expected selection mi-max", selection);
        PolicyFault.unless(
                votes.isNone() || rule.margin().isEmpty(),
                "margin: expected voteWeight 0 beside it",
                votes.weight());
        PolicyFault.unless(
                best || votes.isNone(), "voteWeight: expected selection mi-max", selection);
        PolicyFault.unless(
                round.isNone() || keep.isPresent() && keep.getAsInt() <= RoundRule.MAX_KEEP,
                "keep: expected 1 to " + RoundRule.MAX_KEEP + " beside rules for whole rounds",
                keep.isPresent() ? keep.getAsInt() : "none");
    }

    /** A policy that keeps what it likes best, whatever its score. */
    public CurationPolicy(
            String name, int version, Selection selection, OptionalInt keep, String runSuffix) {
        this(
                name,
                version,
                selection,
                keep,
                runSuffix,
                ScoreRule.LOGGED,
                KeepRule.ANY,
                RoundRule.NONE,
                VoteMix.NONE);
    }

    int keepOf(int requested) {
        return keep.orElse(requested);
    }

    /** The name and version as users write them, name@version. */
    public String reference() {
        return name + "@" + version;
    }

    /** Whether its choices wait for the end of their round. */
    boolean holds(int roundSize) {
        return !round.isNone() && roundSize <= maxPrompts();
    }

    /** Prompts of the largest round whose choices wait for its end. */
    int maxPrompts() {
        return round.maxPrompts(keep.orElse(1));
    }

    /** Valid candidates by index, with their scores. */
    List<Scored> scored(Leaderboard board, VoteTally tally) {
        var scored = new ArrayList<Scored>();
        for (var c : board.valid()) {
            double value = score.of(c);
            if (Double.isFinite(value)) {
                scored.add(new Scored(c, value, 0));
            }
        }
        ToDoubleFunction<Scored> preference =
                switch (selection) {
                    case MI_MAX ->
                            votes.isNone()
                                    ? Scored::score
                                    : s -> votes.of(place(s, scored), tally.of(s.candidate()));
                    case MI_MIN -> s -> -s.score();
                    case RANDOM -> s -> -Scored.lot(s.candidate());
                };
        return scored.stream()
                .map(s -> new Scored(s.candidate(), s.score(), preference.applyAsDouble(s)))
                .toList();
    }

    /** The best-liked first. */
    static List<Scored> ranked(List<Scored> scored) {
        return scored.stream()
                .sorted(
                        Comparator.comparingDouble(Scored::preference)
                                .reversed()
                                .thenComparingInt(Scored::index))
                .toList();
    }

    /** Such as "best of 12 by mi", for the reason in a curated record. */
    String place(int rank, int of) {
        var measure =
                selection == Selection.RANDOM
                        ? "chance"
                        : score.measure() + (votes.isNone() ? "" : " and votes");
        var place = rank == 0 ? selection.first : "number " + (rank + 1);
        return place + " of " + of + " by " + measure;
    }

    /** The share of the others that it beats, ties half; 1 when it is alone. */
    private static double place(Scored one, List<Scored> all) {
        double beaten = -0.5; // itself
        for (var other : all) {
            beaten += other.score() < one.score() ? 1 : other.score() == one.score() ? 0.5 : 0;
        }
        return all.size() == 1 ? 1 : beaten / (all.size() - 1);
    }

    /** For the reason of a prompt of which nothing can be kept. */
    String unscored(List<Candidate> valid) {
        return valid.isEmpty()
                ? ""
                : ", %d without terms for %s".formatted(valid.size(), score.measure());
    }
}
