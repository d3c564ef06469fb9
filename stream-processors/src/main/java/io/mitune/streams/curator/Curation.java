package io.mitune.streams.curator;

import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Identity;
import io.mitune.schemas.PromptRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Turns a closed board into choices: one per kept candidate, or a single one that says why nothing
 * could be kept.
 *
 * <p>Pure, and free of any clock: the same candidates give the same bytes, today and when the log
 * is replayed. Immutable.
 *
 * @param policy what to keep
 * @param complete false when the deadline closed the board
 * @param tally votes of people; none in the stream itself
 */
record Curation(CurationPolicy policy, boolean complete, VoteTally tally) {

    Curation(CurationPolicy policy, boolean complete) {
        this(policy, complete, VoteTally.NONE);
    }

    /** The records of a prompt of which at least one candidate came. */
    List<CuratedSample> of(Leaderboard board) {
        return choices(board).stream().map(Choice::sample).toList();
    }

    /** The choices of a prompt of which at least one candidate came. */
    List<Choice> choices(Leaderboard board) {
        var scored = policy.scored(board, tally);
        var ranked = CurationPolicy.ranked(scored);
        var about = new PromptFacts(board, scored, policy, complete);
        var fault = refusal(board, ranked);
        if (fault.isPresent()) {
            return List.of(
                    new Choice(Choice.nothing(about.builder(), fault.get()), 0, Sketch.NONE));
        }
        var kept = kept(ranked, policy.keepOf(about.any().getKeep()));
        var choices = new ArrayList<Choice>();
        for (var one : kept) {
            var sample =
                    about.builder()
                            .setRank(choices.size())
                            .setKept(kept.size())
                            .setReason(reason(one, about, ranked));
            choices.add(
                    new Choice(
                            chosen(sample, one, ranked),
                            one.scored().preference(),
                            one.scored().sketch()));
        }
        return choices;
    }

    /** The choices of a prompt of which no candidate came. */
    List<Choice> ofNothing(PromptRequest request) {
        var about = PromptFacts.of(request, policy, complete);
        var sample = Choice.nothing(about, "no candidate before the deadline");
        return List.of(new Choice(sample, 0, Sketch.NONE));
    }

    /** Why nothing of the prompt is kept. */
    private Optional<String> refusal(Leaderboard board, List<Scored> ranked) {
        if (ranked.isEmpty()) {
            var valid = board.valid();
            int failed = board.byIndex().size() - valid.size();
            return Optional.of(
                    "no valid candidate: " + failed + " failed" + policy.unscored(valid));
        }
        var threshold = policy.rule().threshold();
        double best = ranked.stream().mapToDouble(Scored::score).max().orElseThrow();
        if (threshold.isPresent() && best < threshold.getAsDouble()) {
            return Optional.of(
                    Numbers.text(
                            "dropped: best score %.4f, expected at least %.4f",
                            best, threshold.getAsDouble()));
        }
        var margin = policy.rule().margin();
        if (margin.isPresent() && ranked.size() > 1 && lead(ranked) < margin.getAsDouble()) {
            return Optional.of(
                    Numbers.text(
                            "dropped: leads the runner-up by %.4f, expected at least %.4f",
                            lead(ranked), margin.getAsDouble()));
        }
        return Optional.empty();
    }

    /**
     * @param place among the ranked ones
     * @param nearest greatest similarity to one kept before, where there is something to compare
     */
    private record Kept(Scored scored, int place, Optional<Double> nearest) {}

    /** The first ones that the rules let pass. */
    private List<Kept> kept(List<Scored> ranked, int keep) {
        var kept = new ArrayList<Kept>();
        for (int place = 0; place < ranked.size() && kept.size() < keep; place++) {
            var one = ranked.get(place);
            var nearest = nearest(one, kept);
            var most = policy.rule().maxSimilarity();
            boolean similar =
                    most.isPresent() && nearest.filter(s -> s > most.getAsDouble()).isPresent();
            var threshold = policy.rule().threshold();
            if (!similar && one.score() >= threshold.orElse(Double.NEGATIVE_INFINITY)) {
                kept.add(new Kept(one, place, nearest));
            }
        }
        return kept;
    }

    private static Optional<Double> nearest(Scored one, List<Kept> kept) {
        var sketch = one.sketch();
        return kept.stream()
                .map(k -> k.scored().sketch())
                .filter(sketch::isComparable)
                .map(sketch::cosine)
                .max(Double::compare);
    }

    private static CuratedSample chosen(
            CuratedSample.Builder sample, Kept one, List<Scored> ranked) {
        var c = one.scored().candidate();
        int next = one.place() + 1;
        double margin = next < ranked.size() ? one.scored().score() - ranked.get(next).score() : 0;
        return sample.setCandidateId(
                        Identity.candidateId(c.getPromptId(), c.getRound(), c.getIndex()))
                .setIndex(c.getIndex())
                .setSeed(c.getSeed())
                .setMi(one.scored().score())
                .setMargin(margin)
                .setLatents(c.getLatents())
                .setPreview(c.getPreview())
                .build();
    }

    private String reason(Kept one, PromptFacts about, List<Scored> ranked) {
        var text = new StringBuilder(policy.place(one.place(), ranked.size()));
        var rule = policy.rule();
        rule.threshold().ifPresent(t -> text.append(Numbers.text("; score at least %.4f", t)));
        if (rule.margin().isPresent() && ranked.size() > 1) {
            text.append(
                    Numbers.text(
                            "; leads by %.4f, at least %.4f",
                            lead(ranked), rule.margin().getAsDouble()));
        }
        if (rule.maxSimilarity().isPresent()) {
            text.append(similarity(one));
        }
        int prompts = about.any().getRoundSize();
        if (!policy.round().isNone() && !policy.holds(prompts)) {
            text.append(
                    "; rules for rounds left out: %d prompts, at most %d"
                            .formatted(prompts, policy.maxPrompts()));
        }
        if (!complete) {
            text.append(", deadline passed with " + about.any().getCandidates() + " requested");
        }
        return text.toString();
    }

    private String similarity(Kept one) {
        if (one.scored().sketch().isNone()) {
            return "; no sketch to compare";
        }
        double most = policy.rule().maxSimilarity().getAsDouble();
        return one.nearest()
                .map(s -> Numbers.text("; similarity %.4f, at most %.4f", s, most))
                .orElse("");
    }

    private static double lead(List<Scored> ranked) {
        return ranked.get(0).score() - ranked.get(1).score();
    }
}
