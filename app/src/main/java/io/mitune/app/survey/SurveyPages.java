package io.mitune.app.survey;

import static io.mitune.app.web.Html.text;

import java.util.List;

/**
 * The survey's pages around the questions, and what all its pages have in common. All that comes
 * from outside is escaped. Stateless.
 */
final class SurveyPages {
    private SurveyPages() {}

    static String welcome(SurveyPlan plan) {
        var pair = plan.questions().get(0).form().equals("pair");
        var task =
                pair
                        ? "Choose the picture that shows it better, or no difference."
                        : "Tick each picture that shows it well: some, all, or none.";
        var body =
                """
                <h1>%s</h1>
                <p class="lead">%d questions. Each shows a short text and pictures that computers made of it.
                %s There are no right or wrong answers.</p>
                <form method="post" action="/survey/start">
                <button class="strong">Start</button>
                </form>
                <p class="note">Anonymous: only your answers are kept, under a random number. No cookies, no
                address, no tracking. Whoever knows the address of your question page can go on there, so you can
                keep it to continue later, also after a break.</p>
                """
                        .formatted(text(plan.title()), plan.length(), task);
        return page(plan.title(), body);
    }

    /**
     * @param open questions without an answer
     */
    static String done(SurveyPlan plan, Voter voter, int count, List<Integer> open) {
        var body = new StringBuilder();
        if (open.isEmpty()) {
            body.append("<h1>Thank you!</h1>\n<p class=\"lead\">All ")
                    .append(count)
                    .append(" answers are saved. You can close this page.</p>\n");
        } else {
            body.append("<h1>Almost done</h1>\n<p class=\"lead\">")
                    .append(open.size())
                    .append(open.size() == 1 ? " question has" : " questions have")
                    .append(" no answer yet.</p>\n<p><a class=\"button strong\" href=\"")
                    .append(voter.path())
                    .append("/")
                    .append(open.get(0))
                    .append("\">Go on</a></p>\n");
        }
        body.append("<p class=\"note\"><a href=\"")
                .append(voter.path())
                .append("/")
                .append(count)
                .append("\">Back to the last question</a></p>\n");
        return page(plan.title(), body.toString());
    }

    static String fault(SurveyPlan plan, String sentence) {
        var body =
                "<h1>This did not work</h1>\n<p class=\"lead\" role=\"alert\">%s</p>\n"
                                .formatted(text(sentence))
                        + "<p class=\"note\"><a href=\"/survey\">To the start of the survey</a></p>\n";
        return page(plan.title(), body);
    }

    /** A whole page; the body is HTML. */
    static String page(String title, String body) {
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark">
                <meta name="robots" content="noindex">
                <title>%s</title>
                <link rel="icon" href="data:,">
                <link rel="stylesheet" href="/survey/base.css">
                <link rel="stylesheet" href="/survey/style.css">
                </head>
                <body class="survey">
                <main>
                %s</main>
                </body>
                </html>
                """
                .formatted(text(title), body);
    }
}
