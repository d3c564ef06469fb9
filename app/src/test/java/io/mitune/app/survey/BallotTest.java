package io.mitune.app.survey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.survey.Ballot.Page;
import io.mitune.schemas.Identity;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is asked what, and where each method stands. */
class BallotTest {
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5, 8})
    void inEachRowOfMQuestionsEachMethodIsOnceInEachPlace(int methods) {
        var pages = Ballot.of("c", "voter", questions(4 * methods, methods), 99).pages();
        assertEquals(4 * methods, pages.size());
        for (var from = 0; from < pages.size(); from += methods) {
            for (var place = 0; place < methods; place++) {
                var there = new HashSet<String>();
                for (var page : pages.subList(from, from + methods)) {
                    there.add(page.order().get(place).method());
                }
                assertEquals(methods, there.size(), "place " + place);
            }
        }
    }

    @Test
    void overManyVotersAllMethodsAndQuestionsComeEquallyOften() {
        var all = questions(12, 3);
        var first = new TreeMap<String, Integer>();
        var asked = new TreeMap<String, Integer>();
        for (var voter = 0; voter < 3000; voter++) {
            var pages = Ballot.of("c", "v" + voter, all, 1).pages();
            assertEquals(1, pages.size());
            first.merge(pages.get(0).order().get(0).method(), 1, Integer::sum);
            asked.merge(pages.get(0).question().text(), 1, Integer::sum);
        }
        assertEquals(3, first.size());
        first.values().forEach(n -> assertEquals(1000, n, 100)); // 4 standard deviations
        assertEquals(12, asked.size());
        asked.values().forEach(n -> assertEquals(250, n, 61));
    }

    @Test
    void aVoterCannotTellTheNextPlaceFromTheLast() {
        var turns = new HashSet<Integer>();
        for (var page : Ballot.of("c", "v", questions(40, 4), 99).pages()) {
            turns.add(page.order().indexOf(methodA(page)));
        }
        assertEquals(4, turns.size());
        var pages = Ballot.of("c", "v", questions(40, 2), 99).pages();
        var same = 0;
        for (var i = 1; i < pages.size(); i++) {
            same += order(pages.get(i)).equals(order(pages.get(i - 1))) ? 1 : 0;
        }
        assertTrue(same > 2, "A and B do not just take turns");
    }

    @Test
    void itFollowsFromCampaignAndVoterAlone() {
        var all = questions(20, 3);
        var ballot = Ballot.of("c", "v", all, 5);
        var shuffled = new ArrayList<>(all);
        Collections.reverse(shuffled);
        assertEquals(described(ballot), described(Ballot.of("c", "v", shuffled, 5)));
        assertNotEquals(described(ballot), described(Ballot.of("c", "w", all, 5)));
        assertNotEquals(described(ballot), described(Ballot.of("d", "v", all, 5)));
    }

    @Test
    void eachCategoryHasItsNumber() {
        var all = new ArrayList<Question>();
        for (var i = 0; i < 9; i++) {
            all.add(Votes.question("text " + i, i < 7 ? "color" : "shape", 1, 2));
        }
        var plan = new SurveyPlan("c", "", all, 3);
        assertEquals(5, plan.length());
        var pages = plan.ballot("v").pages();
        assertEquals(5, pages.size());
        var colors = pages.stream().filter(p -> p.question().category().equals("color"));
        assertEquals(3, colors.count());
    }

    @Test
    void aPictureOfSeveralMethodsIsShownOnceAndCountsForAll() {
        var exhibits =
                List.of(
                        Votes.exhibit("mi", "one", 2),
                        Votes.exhibit("blip", "two", 1),
                        Votes.exhibit("hps", "one", 2));
        var promptId = Identity.textId("x");
        var page = new Page(Question.of("metrics", promptId, "x", "", exhibits), exhibits);
        assertEquals(List.of("one", "two"), page.shown().stream().map(Exhibit::identity).toList());
        assertEquals(List.of(0, 2), page.places(List.of(0)));
        assertEquals(List.of(1), page.places(List.of(1)));
        assertEquals(List.of(), page.places(List.of()));
    }

    private static Exhibit methodA(Page page) {
        return page.order().stream().filter(e -> e.method().equals("a")).findFirst().orElseThrow();
    }

    private static List<Question> questions(int count, int methods) {
        var questions = new ArrayList<Question>();
        for (var i = 0; i < count; i++) {
            questions.add(Votes.question("text " + i, "", new double[methods]));
        }
        return questions;
    }

    private static List<String> order(Page page) {
        return page.order().stream().map(Exhibit::method).toList();
    }

    private static List<String> described(Ballot ballot) {
        return ballot.pages().stream().map(p -> p.question().text() + order(p)).toList();
    }
}
