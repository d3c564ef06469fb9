package io.mitune.streams.curator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.PromptRequest;
import io.mitune.streams.Samples;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class CurationTest {
    private static final PromptRequest PROMPT = Samples.prompt(3, 2, 5, 2).build();

    @Test
    void keepsTheTwoBestWithTheirStatistics() {
        var samples = curate(CurationPolicy.MI_MAX, true, c(0, 1), c(1, 4), c(2, 3), c(3, 0));
        var best = samples.get(0);
        assertEquals(2, samples.size());
        assertEquals(1, best.getIndex());
        assertEquals(PROMPT.getPromptId() + "/2/1", best.getCandidateId());
        assertEquals(4, best.getMi());
        assertEquals(1, best.getMargin());
        assertEquals("best of 4 by mi", best.getReason());
        assertEquals(2, best.getScoreMean());
        assertEquals(Math.sqrt(2.5), best.getScoreStd(), 1e-15);
        assertEquals(0, best.getScoreMin());
        assertEquals(4, best.getScoreMax());
        assertEquals(4, best.getCandidatesSeen());
        assertEquals(5, best.getCandidatesRequested());
        assertEquals("main", best.getRun());
        assertEquals(Samples.blob(best.getCandidateId()), best.getLatents());
        assertEquals("number 2 of 4 by mi", samples.get(1).getReason());
        assertEquals(2, samples.get(1).getMargin());
    }

    @Test
    void equalScoresGoByLowerIndex() {
        var samples = curate(CurationPolicy.MI_MAX, true, c(2, 1), c(1, 1), c(0, 0));
        assertEquals(1, samples.get(0).getIndex());
        assertEquals(0, samples.get(0).getMargin());
    }

    @Test
    void theDeadlineIsNamed() {
        var sample = curate(CurationPolicy.MI_MAX, false, c(4, 1)).get(0);
        assertEquals(false, sample.getComplete());
        assertEquals("best of 1 by mi, deadline passed with 5 requested", sample.getReason());
    }

    @Test
    void saysThatNothingCouldBeKept() {
        var noLatents = Samples.candidate(PROMPT, 2, 9).setLatents(null).build();
        var samples =
                curate(
                        CurationPolicy.MI_MAX,
                        true,
                        Samples.failed(PROMPT, 0),
                        c(1, Double.NEGATIVE_INFINITY),
                        noLatents);
        assertEquals(1, samples.size());
        var none = samples.get(0);
        assertEquals(0, none.getKept());
        assertNull(none.getCandidateId());
        assertEquals(-1, none.getIndex());
        assertEquals(3, none.getCandidatesFailed());
        assertEquals("no valid candidate: 3 failed", none.getReason());
    }

    @Test
    void saysThatNothingCame() {
        var none = new Curation(CurationPolicy.RANDOM, false).ofNothing(PROMPT).get(0).sample();
        assertEquals(0, none.getKept());
        assertEquals("main-random", none.getRun());
        assertEquals(PROMPT.getText(), none.getText());
        assertEquals("no candidate before the deadline", none.getReason());
    }

    @Test
    void theControlWritesToARunOfItsOwn() {
        var sample = curate(CurationPolicy.RANDOM, true, c(0, 1), c(1, 2), c(2, 3)).get(0);
        assertEquals("main-random", sample.getRun());
        assertEquals("first of 3 by chance", sample.getReason());
    }

    @Test
    void theLeastScoreCanBeAskedFor() {
        var policy =
                new CurationPolicy(
                        "worst", 1, CurationPolicy.Selection.MI_MIN, OptionalInt.of(1), "-worst");
        var samples = curate(policy, true, c(0, 1), c(1, -2), c(2, 3));
        assertEquals(1, samples.size());
        assertEquals(1, samples.get(0).getIndex());
    }

    @Test
    void aPolicyChecksItsValues() {
        var max = CurationPolicy.Selection.MI_MAX;
        assertThrows(
                IllegalArgumentException.class,
                () -> new CurationPolicy("A b", 1, max, OptionalInt.empty(), ""));
        assertThrows(
                IllegalArgumentException.class,
                () -> new CurationPolicy("a", 1, max, OptionalInt.of(0), ""));
        assertThrows(
                IllegalArgumentException.class,
                () -> new CurationPolicy("a", 1, max, OptionalInt.empty(), "/.."));
    }

    private static Candidate c(int index, double mi) {
        return Samples.candidate(PROMPT, index, mi).build();
    }

    private static List<io.mitune.schemas.CuratedSample> curate(
            CurationPolicy policy, boolean complete, Candidate... candidates) {
        return new Curation(policy, complete).of(Leaderboard.of(List.of(candidates)));
    }
}
