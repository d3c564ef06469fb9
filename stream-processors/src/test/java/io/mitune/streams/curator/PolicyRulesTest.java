package io.mitune.streams.curator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Identity;
import io.mitune.schemas.PolicyEvent;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.Vote;
import io.mitune.schemas.VoteOption;
import io.mitune.schemas.serde.AvroSerde;
import io.mitune.streams.Samples;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each rule within one prompt, with the reason that the record gives. */
class PolicyRulesTest {
    static {
        AvroSerde.trustOwnRecords();
    }

    private static final PromptRequest PROMPT = Samples.prompt(3, 2, 5, 2).build();

    @Test
    void nothingBelowTheThresholdIsKept() {
        var policy = Policies.set("p", 1).setThreshold(2.5);
        var samples = curate(policy, c(0, 1), c(1, 4), c(2, 2));
        assertEquals(List.of(1), indexes(samples));
        assertEquals("best of 3 by mi; score at least 2.5000", samples.get(0).getReason());
        var none = curate(policy, c(0, 1), c(1, 2)).get(0);
        assertEquals(0, none.getKept());
        assertEquals("dropped: best score 2.0000, expected at least 2.5000", none.getReason());
        assertEquals(2, none.getScoreMax());
    }

    @Test
    void aPromptWithoutAClearBestIsDropped() {
        var policy = Policies.set("p", 1).setMargin(0.5).setKeep(1);
        var kept = curate(policy, c(0, 1), c(1, 1.5)).get(0);
        assertEquals("best of 2 by mi; leads by 0.5000, at least 0.5000", kept.getReason());
        var none = curate(policy, c(0, 1), c(1, 1.25)).get(0);
        assertEquals(
                "dropped: leads the runner-up by 0.2500, expected at least 0.5000",
                none.getReason());
        assertEquals("best of 1 by mi", curate(policy, c(0, 1)).get(0).getReason());
    }

    @Test
    void oneTooMuchLikeABetterOneGivesItsPlaceToTheNext() {
        var policy =
                Policies.set("p", 1).setMaxSimilarity(0.9).setSimilarityScope("prompt").setKeep(2);
        var samples = curate(policy, at(0, 3, 0), at(1, 2, 10), at(2, 1, 60), c(3, 0));
        assertEquals(List.of(0, 2), indexes(samples));
        assertEquals("best of 4 by mi", samples.get(0).getReason());
        assertEquals(
                "number 3 of 4 by mi; similarity 0.5000, at most 0.9000",
                samples.get(1).getReason());
        var without = curate(policy, at(0, 3, 0), c(1, 2));
        assertEquals("number 2 of 2 by mi; no sketch to compare", without.get(1).getReason());
    }

    @Test
    void otherTermsAndWindowsGiveOtherScores() {
        // timesteps 981, 961, 941; terms 1, 2, 3
        var paper = c(0, 9).setPaperTerms(List.of(10f, 20f, 30f));
        var windowed = Policies.set("p", 1).setWindowFrom(950.0).setWindowTo(1000.0);
        var sample = curate(windowed, paper).get(0);
        assertEquals(1.5, sample.getMi());
        assertEquals(1.5, sample.getScoreMean());
        assertEquals("best of 1 by mi (official, 950.0 < t < 1000.0)", sample.getReason());
        assertEquals(20, curate(Policies.set("p", 1).setEstimator("paper"), paper).get(0).getMi());
        assertEquals(9, curate(Policies.set("p", 1), paper).get(0).getMi());
    }

    @Test
    void aCandidateWithoutTheTermsIsNotValid() {
        var policy = Policies.set("p", 1).setEstimator("paper");
        var none = curate(policy, c(0, 1), c(1, Double.NaN)).get(0);
        assertEquals(
                "no valid candidate: 1 failed, 1 without terms for mi (paper)", none.getReason());
        assertEquals(2, none.getCandidatesFailed());
        var outside = Policies.set("p", 1).setWindowFrom(0.0).setWindowTo(9.0);
        assertEquals(0, curate(outside, c(0, 1)).get(0).getKept());
    }

    @Test
    void votesMoveTheOrderOnceThereAreEnough() {
        var policy =
                Policies.set("p", 1).setKeep(1).setVoteWeight(0.8).setMinVotes(2).setLive(false);
        // places by score: 1, 0.5, 0
        var board = List.of(c(0, 3), c(1, 2), c(2, 1));
        assertEquals(0, voted(policy, board, vote("v1", 2)).getIndex());
        var two = List.of(vote("v1", 2), vote("v2", 2));
        var sample = voted(policy, board, two.toArray(Vote[]::new));
        assertEquals(2, sample.getIndex());
        assertEquals("best of 3 by mi and votes", sample.getReason());
        assertEquals(1, sample.getMi());
        var changed = voted(policy, board, vote("v1", 2), vote("v2", 2), vote("v2"));
        assertEquals(1, changed.getIndex()); // 0.2, 0.5 (not shown), 0.8 * 0.5
        var bad = Vote.newBuilder(vote("v3", 2)).setAnswerId("0").build();
        assertEquals(0, voted(policy, board, vote("v1", 2), bad).getIndex());
    }

    private static CuratedSample voted(
            PolicyEvent.Builder policy, List<Candidate.Builder> board, Vote... votes) {
        var tally = VoteTally.of(List.of(votes));
        return new Curation(Policies.policy(policy), true, tally).of(leaderboard(board)).get(0);
    }

    /** An answer to which of the candidates 0 and 2 are good. */
    private static Vote vote(String voter, int... indexes) {
        var options = new ArrayList<VoteOption>();
        for (int i : new int[] {0, 2}) {
            var id = Identity.candidateId(PROMPT.getPromptId(), PROMPT.getRound(), i);
            options.add(
                    VoteOption.newBuilder()
                            .setMethod("m" + i)
                            .setCandidateId(id)
                            .setRun(PROMPT.getRun())
                            .build());
        }
        return Vote.newBuilder()
                .setAnswerId(Identity.answerId("c", "q", voter))
                .setCampaign("c")
                .setQuestionId("q")
                .setForm("pair")
                .setPromptId(PROMPT.getPromptId())
                .setText(PROMPT.getText())
                .setOptions(options)
                .setChosen(java.util.Arrays.stream(indexes).mapToObj(i -> i / 2).toList())
                .setVoterId(voter)
                .setAnsweredAt(Instant.EPOCH)
                .build();
    }

    private static Candidate.Builder c(int index, double mi) {
        return Samples.candidate(PROMPT, index, mi);
    }

    private static Candidate.Builder at(int index, double mi, double degrees) {
        return c(index, mi).setSketch(Policies.sketch(degrees));
    }

    private static List<CuratedSample> curate(
            PolicyEvent.Builder policy, Candidate.Builder... candidates) {
        return new Curation(Policies.policy(policy), true).of(leaderboard(List.of(candidates)));
    }

    private static Leaderboard leaderboard(List<Candidate.Builder> candidates) {
        return Leaderboard.of(candidates.stream().map(Candidate.Builder::build).toList());
    }

    private static List<Integer> indexes(List<CuratedSample> samples) {
        return samples.stream().map(CuratedSample::getIndex).toList();
    }
}
