package io.mitune.app.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.survey.SurveyForm;
import io.mitune.app.web.HttpProbe;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.regex.Pattern;

/** A person who opens the page that a command has told, and answers what is asked there. */
final class Visitor {
    private static final Pattern PAGE =
            Pattern.compile("(?:survey|dashboard) at http://127.0.0.1:(\\d+)(\\S*?)[;,]");

    private Visitor() {}

    static void visit(Background server) throws IOException {
        server.awaitReady();
        var at = server.await(PAGE);
        var http = new HttpProbe(Integer.parseInt(at.group(1)));
        var seen = http.get(at.group(2).isEmpty() ? "/" : at.group(2));
        assertEquals(200, seen.statusCode(), seen.body());
        if (at.group(2).equals("/survey")) {
            answerAll(http);
        }
    }

    private static void answerAll(HttpProbe http) {
        var question = next(http.form("/survey/start", ""));
        while (!question.endsWith("/done")) {
            question = next(SurveyForm.send(http, question, "choice=0"));
        }
        var done = http.get(question);
        assertTrue(done.body().contains("answers are saved"), done.body());
    }

    private static String next(HttpResponse<String> response) {
        assertEquals(303, response.statusCode(), response.body());
        var location = response.headers().firstValue("Location").orElseThrow();
        return location.replaceFirst("^https?://[^/]*", "");
    }
}
