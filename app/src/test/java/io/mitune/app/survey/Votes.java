package io.mitune.app.survey;

import io.mitune.schemas.Identity;
import io.mitune.schemas.Vote;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Questions and votes without files, for tests of rules. */
final class Votes {
    private Votes() {}

    /** Methods a, b, c, ... with these scores. */
    static Question question(String text, String category, double... mi) {
        var exhibits = new ArrayList<Exhibit>();
        for (var i = 0; i < mi.length; i++) {
            var name = Character.toString('a' + i);
            exhibits.add(exhibit(name, text + name, mi[i]));
        }
        var promptId = Identity.textId(text);
        return Question.of("methods", promptId, text, category, exhibits);
    }

    static Exhibit exhibit(String method, String identity, double mi) {
        return new Exhibit(
                method,
                Optional.empty(),
                "",
                0,
                Double.isNaN(mi) ? OptionalDouble.empty() : OptionalDouble.of(mi),
                identity,
                () -> new byte[0]);
    }

    /** The methods in their own order. */
    static Vote vote(Question question, String voter, Integer... chosen) {
        var plan = new SurveyPlan("test", "", List.of(question), 1);
        var page = new Ballot.Page(question, question.exhibits());
        return plan.vote(page, voter, Arrays.asList(chosen), Instant.EPOCH);
    }
}
