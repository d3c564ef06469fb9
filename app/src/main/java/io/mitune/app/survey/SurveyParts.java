package io.mitune.app.survey;

import io.mitune.app.api.ApiDocument;
import io.mitune.app.web.Access;
import io.mitune.app.web.RateLimit;
import io.mitune.app.web.WebPart;
import java.time.Clock;
import java.util.List;

/** What the web server of a survey serves: the questionnaire, its results and their description. */
final class SurveyParts {
    private SurveyParts() {}

    static List<WebPart> of(SurveyPlan plan, AnswerBook book, RateLimit limit) {
        return List.of(
                new SurveyPart(plan, book, limit, Clock.systemUTC()),
                routes -> routes.get("/", Access.PUBLIC, ctx -> ctx.redirect("/survey")),
                ApiDocument.part());
    }
}
