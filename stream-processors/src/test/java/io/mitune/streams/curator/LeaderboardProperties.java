package io.mitune.streams.curator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.PromptRequest;
import io.mitune.streams.Samples;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** What must hold for any set of candidates. */
class LeaderboardProperties {
    private static final PromptRequest PROMPT = Samples.prompt(0, 1, 12, 3).build();

    @Property(tries = 300)
    void orderAndRepetitionDoNotMatter(
            @ForAll("scores") List<Double> scores,
            @ForAll Random random,
            @ForAll CurationPolicy.Selection selection) {
        var once = candidates(scores);
        var often = new ArrayList<>(once);
        once.forEach(c -> Collections.addAll(often, c, c));
        Collections.shuffle(often, random);
        assertEquals(curated(once, selection), curated(often, selection));
    }

    @Property(tries = 300)
    void differingRepetitionsAreSettledInAnyOrder(
            @ForAll("scores") List<Double> first,
            @ForAll("scores") List<Double> second,
            @ForAll Random random) {
        var all = new ArrayList<>(candidates(first));
        all.addAll(candidates(second));
        var shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, random);
        assertEquals(
                curated(all, CurationPolicy.Selection.MI_MAX),
                curated(shuffled, CurationPolicy.Selection.MI_MAX));
    }

    @Property(tries = 300)
    void keepsTheBestValidOnesAndNothingElse(
            @ForAll("scores") List<Double> scores, @ForAll @IntRange(min = 1, max = 12) int keep) {
        var policy =
                new CurationPolicy(
                        "p", 1, CurationPolicy.Selection.MI_MAX, OptionalInt.of(keep), "");
        var samples = new Curation(policy, true).of(Leaderboard.of(candidates(scores)));
        long valid = scores.stream().filter(Double::isFinite).count();
        assertEquals(Math.max(1, Math.min(keep, valid)), samples.size());
        for (int rank = 0; rank < samples.size(); rank++) {
            var sample = samples.get(rank);
            assertEquals(rank, sample.getRank());
            assertEquals(Math.min(keep, valid), sample.getKept());
            assertTrue(Double.isFinite(sample.getMi()));
            assertEquals(sample.getKept() == 0, sample.getCandidateId() == null);
        }
        if (valid > 0) {
            double worstKept = samples.get(samples.size() - 1).getMi();
            long better = scores.stream().filter(s -> Double.isFinite(s) && s > worstKept).count();
            assertTrue(better < samples.size());
            assertTrue(samples.stream().allMatch(s -> s.getMargin() >= 0));
        }
    }

    @Property(tries = 200)
    void theControlPicksWithoutLookingAtTheScores(@ForAll("finiteScores") List<Double> scores) {
        var reversed = new ArrayList<>(scores);
        Collections.reverse(reversed);
        assertEquals(
                indexes(curated(candidates(scores), CurationPolicy.Selection.RANDOM)),
                indexes(curated(candidates(reversed), CurationPolicy.Selection.RANDOM)));
        assertFalse(candidates(scores).isEmpty());
    }

    @Provide
    Arbitrary<List<Double>> scores() {
        // few values, so that equal scores are common
        return Arbitraries.of(-1.0, 0.0, 1.0, 2.5, 3.0, Double.NaN, Double.POSITIVE_INFINITY)
                .list()
                .ofMinSize(1)
                .ofMaxSize(12);
    }

    @Provide
    Arbitrary<List<Double>> finiteScores() {
        return Arbitraries.doubles().between(-5, 5).list().ofMinSize(1).ofMaxSize(12);
    }

    private static List<Candidate> candidates(List<Double> scores) {
        var all = new ArrayList<Candidate>();
        for (double mi : scores) {
            all.add(Samples.candidate(PROMPT, all.size(), mi).build());
        }
        return all;
    }

    private static List<CuratedSample> curated(
            List<Candidate> candidates, CurationPolicy.Selection selection) {
        var policy = new CurationPolicy("p", 1, selection, OptionalInt.empty(), "");
        return new Curation(policy, true).of(Leaderboard.of(candidates));
    }

    private static List<Integer> indexes(List<CuratedSample> samples) {
        return samples.stream().map(CuratedSample::getIndex).toList();
    }
}
