package io.mitune.app.survey;

import io.mitune.app.web.RateLimit;
import io.mitune.app.web.WebPart;
import java.util.List;

/** A survey of one question whose answers go nowhere, for tests of other packages. */
public final class SurveyServer {
    private SurveyServer() {}

    /** What its web server serves. */
    public static List<WebPart> parts() {
        var much = new RateLimit.Rate(1000, 1000);
        var plan = new SurveyPlan("c", "", List.of(Votes.question("a cat", "", 1, 2)), 1);
        var book = new AnswerBook(List.of(), vote -> {}, 1);
        return SurveyParts.of(plan, book, new RateLimit(much, much));
    }
}
