package io.mitune.app.survey;

import io.mitune.app.evaluate.RankCorrelation;
import io.mitune.schemas.Vote;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How far people and MI prefer the same pictures, over answers whose pictures have scores.
 *
 * <p>In an answer, each picture that was chosen is compared with each that was not and has another
 * MI; in a pair that is the question itself. Within a question, the shares of votes are compared
 * with the MI by rank. Immutable.
 *
 * @param answers with something to compare
 * @param share mean over them of the comparisons where the chosen picture has the higher MI; 0.5 is
 *     what chance gives, NaN without answers
 * @param interval Wilson's, with as many trials as answers
 * @param questions whose pictures differ in MI and in their share of votes
 * @param kendall mean of Kendall's tau-b over them
 * @param pictures with a score
 * @param spearman over all of them
 */
record MiAgreement(
        int answers,
        double share,
        Share.Interval interval,
        int questions,
        double kendall,
        int pictures,
        double spearman) {

    private record Scored(double mi, Share share) {}

    static MiAgreement of(Collection<Vote> votes) {
        var shares = new ArrayList<Double>();
        Map<String, Map<Double, Share>> questions = new LinkedHashMap<>();
        for (var vote : votes) {
            var share = comparisons(vote);
            if (!share.isNaN()) {
                shares.add(share);
            }
            var pictures =
                    questions.computeIfAbsent(vote.getQuestionId(), q -> new LinkedHashMap<>());
            scores(vote)
                    .forEach(
                            (mi, was) ->
                                    pictures.merge(mi, Share.NONE.plus(was), MiAgreement::sum));
        }
        var mean = shares.stream().mapToDouble(v -> v).average().orElse(Double.NaN);
        var taus = new ArrayList<Double>();
        var all = new ArrayList<Scored>();
        for (var pictures : questions.values()) {
            var scored = new ArrayList<Scored>();
            pictures.forEach((mi, share) -> scored.add(new Scored(mi, share)));
            taus.add(RankCorrelation.kendall(mis(scored), values(scored)));
            all.addAll(scored);
        }
        taus.removeIf(value -> value.isNaN());
        return new MiAgreement(
                shares.size(),
                mean,
                Share.wilson(mean, shares.size()),
                taus.size(),
                taus.stream().mapToDouble(v -> v).average().orElse(Double.NaN),
                all.size(),
                RankCorrelation.spearman(mis(all), values(all)));
    }

    /** NaN where nothing can be compared. */
    private static Double comparisons(Vote vote) {
        int higher = 0, all = 0;
        var scores = scores(vote);
        for (var chosen : scores.entrySet()) {
            for (var other : scores.entrySet()) {
                if (chosen.getValue() && !other.getValue()) {
                    all++;
                    higher += chosen.getKey() > other.getKey() ? 1 : 0;
                }
            }
        }
        return (double) higher / all;
    }

    /** Whether it was chosen, by score: in one question, one score is one picture. */
    private static Map<Double, Boolean> scores(Vote vote) {
        var chosen = new HashSet<>(vote.getChosen());
        var scores = new LinkedHashMap<Double, Boolean>();
        for (var i = 0; i < vote.getOptions().size(); i++) {
            var mi = vote.getOptions().get(i).getMi();
            if (mi != null && Double.isFinite(mi)) {
                scores.merge(mi, chosen.contains(i), Boolean::logicalOr);
            }
        }
        return scores;
    }

    private static Share sum(Share one, Share other) {
        return new Share(one.chosen() + other.chosen(), one.shown() + other.shown());
    }

    private static List<Double> mis(List<Scored> scored) {
        return scored.stream().map(Scored::mi).toList();
    }

    private static List<Double> values(List<Scored> scored) {
        return scored.stream().map(s -> s.share().value()).toList();
    }
}
