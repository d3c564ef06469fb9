package io.mitune.app.survey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.Vote;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Counts and statistics, against values that are published or worked out by hand. */
class SurveyResultsTest {
    private static final Question CAT = Votes.question("a cat", "color", 1, 2, 3);
    private static final Question DOG = Votes.question("a \"dog\", green", "shape", 3, 2, 1);

    /** Newcombe 1998, table I, method 3: the score intervals without continuity correction. */
    @Test
    void intervalsAreThoseOfTheLiterature() {
        assertInterval(0.2553, 0.3662, new Share(81, 263));
        assertInterval(0.0624, 0.1605, new Share(15, 148));
        assertInterval(0.0000, 0.1611, new Share(0, 20));
        assertInterval(0.0061, 0.1718, new Share(1, 29));
    }

    /** Two observers of ten articles, Krippendorff 2011, "Computing alpha", example A: 0.095. */
    @Test
    void agreementOfVotersIsThatOfTheLiterature() {
        var meg = List.of(0, 1, 0, 0, 0, 0, 0, 0, 1, 0);
        var owen = List.of(1, 1, 1, 0, 0, 1, 0, 0, 0, 0);
        var shares = IntStream.range(0, 10).mapToObj(i -> new Share(meg.get(i) + owen.get(i), 2));
        assertEquals(0.095, VoterAgreement.alpha(shares.toList()), 0.0005);
        assertTrue(Double.isNaN(VoterAgreement.alpha(List.of(new Share(1, 1)))));
        assertEquals(1, VoterAgreement.alpha(List.of(new Share(2, 2), new Share(0, 3))));
    }

    @Test
    void votesAreCountedByMethodAndCategory() {
        var results = SurveyResults.of("test", votes());
        assertEquals(2, results.voters());
        assertEquals(3, results.answers());
        assertEquals(List.of("a", "b", "c"), results.methods());
        assertEquals(List.of("all", "color", "shape"), List.copyOf(results.shares().keySet()));
        assertEquals(new Share(1, 3), results.shares().get("all").get("a"));
        assertEquals(new Share(2, 3), results.shares().get("all").get("c"));
        assertEquals(new Share(2, 2), results.shares().get("color").get("c"));
        assertEquals(new Share(0, 1), results.shares().get("shape").get("b"));
    }

    @Test
    void agreementWithMiComparesTheChosenWithTheOthers() {
        var mi = SurveyResults.of("test", votes()).mi();
        // v1 cat: b and c over a, 2 of 2; v2 cat: c over a and b, 2 of 2; dog: a over b, c, 2 of 2
        assertEquals(3, mi.answers());
        assertEquals(1, mi.share());
        assertEquals(2, mi.questions());
        // cat: MI 1 2 3, shares 0 0.5 1: 1; dog: MI 3 2 1, shares 1 0 0: two pairs agree of
        // sqrt(2 * 3)
        assertEquals((1 + 2 / Math.sqrt(6)) / 2, mi.kendall(), 1e-12);
        assertEquals(6, mi.pictures());

        var against = SurveyResults.of("test", List.of(Votes.vote(CAT, "v", 0), all("w"))).mi();
        assertEquals(1, against.answers(), "who ticks all compares nothing");
        assertEquals(0, against.share());
        var half = SurveyResults.of("test", List.of(Votes.vote(CAT, "v", 1))).mi();
        assertEquals(0.5, half.share());
    }

    @Test
    void withoutScoresThereIsNoAgreement() {
        var unscored = Votes.question("x", "", Double.NaN, Double.NaN);
        var results = SurveyResults.of("test", List.of(Votes.vote(unscored, "v", 0)));
        assertEquals(0, results.mi().answers());
        assertTrue(ResultsJson.of(results).at("/mi/share").isNull());
        assertEquals(List.of("all"), List.copyOf(results.shares().keySet()));
        assertTrue(ResultsPage.of(results).contains("no scores"));
    }

    @Test
    void ofTwoAnswersTheLaterOneCounts() {
        var changed = List.of(Votes.vote(CAT, "v", 0), Votes.vote(CAT, "v", 2));
        assertEquals(List.of(changed.get(1)), VoteLog.latest(changed));
    }

    @Test
    void theCsvHasTheColumnsOfTheAuthorsSurvey() {
        assertEquals(
                List.of(
                        "category,prompt,a,b,c",
                        "color,a cat,False,True,True",
                        "shape,\"a \"\"dog\"\", green\",True,False,False",
                        "color,a cat,False,False,True"),
                inAnyOrderOfQuestions(VotesCsv.lines(votes(), false)));
        assertTrue(VotesCsv.lines(votes(), true).get(1).endsWith(",v1"));
    }

    /** Those of the first voter are at the same moment, so their ids decide. */
    private static List<String> inAnyOrderOfQuestions(List<String> lines) {
        return lines.get(1).startsWith("color")
                ? lines
                : List.of(lines.get(0), lines.get(2), lines.get(1), lines.get(3));
    }

    private static List<Vote> votes() {
        return List.of(
                Votes.vote(CAT, "v1", 1, 2), Votes.vote(DOG, "v1", 0), Votes.vote(CAT, "v2", 2));
    }

    private static Vote all(String voter) {
        return Votes.vote(CAT, voter, 0, 1, 2);
    }

    private static void assertInterval(double low, double high, Share share) {
        assertEquals(low, share.wilson().low(), 0.00005);
        assertEquals(high, share.wilson().high(), 0.00005);
    }
}
