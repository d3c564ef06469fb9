package io.mitune.app.survey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.dashboard.Browser;
import io.mitune.app.dashboard.Page;
import io.mitune.app.web.RateLimit;
import io.mitune.app.web.WebServer;
import io.mitune.app.web.WebSettings;
import io.mitune.schemas.Vote;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The survey in a real browser, by keyboard and mouse, wide and on a phone. */
@EnabledIf(
        value = "hasBrowser",
        disabledReason = "needs chromium on the PATH; .ci/run installs Debian's")
class SurveyPageIT {
    private static final RateLimit.Rate MUCH = new RateLimit.Rate(1000, 1000);
    private static final String FITS =
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth";

    @TempDir private Path folder;
    private final List<Vote> votes = Collections.synchronizedList(new ArrayList<>());

    static boolean hasBrowser() {
        return Browser.program().isPresent();
    }

    @Test
    void aPersonAnswersByKeyboardAndOnAPhone() throws Exception {
        try (var server = serve();
                var browser = Browser.start()) {
            var page = browser.open(server.url() + "/survey", 1280, 900);
            page.await("document.readyState === 'complete' && document.querySelector('button')");
            page.press("Tab");
            page.press("Enter");
            awaitQuestion(page, 1);
            page.press("Tab");
            assertEquals("0", page.value("document.activeElement.value").asText());
            page.value("document.activeElement.click()");
            page.press("Enter"); // in a form: next
            awaitQuestion(page, 2);
            assertEquals(List.of(1), votes.stream().map(v -> v.getChosen().size()).toList());
            assertEquals("Previous", page.text(".moves a"));
            page.click(".choice:nth-child(1) img");
            page.click(".choice:nth-child(2) img");
            page.click(".moves button");
            awaitQuestion(page, 3);
            page.value("history.back()");
            awaitQuestion(page, 2);
            assertEquals(2, page.count(".choice input:checked"));
            page.click(".moves button");
            awaitQuestion(page, 3);
            assertEquals(2, votes.size(), "the same answer again is none");

            page.resize(390, 844);
            assertTrue(page.value(FITS).asBoolean(), "nothing hangs over on a phone");
            page.click(".moves button");
            awaitQuestion(page, 4);
            page.click(".moves button");
            page.await("document.querySelector('h1').innerText === 'Thank you!'");
            assertEquals("", page.value("document.cookie").asText());
            page.go(server.url() + "/survey/results");
            page.await("document.querySelectorAll('.results').length === 3");
            assertEquals("page", page.text("h1"));
            assertTrue(page.value(FITS).asBoolean(), "nor do the results");
            assertEquals(List.of(), page.complaints());
        }
        assertEquals(List.of(1, 2, 0, 0), votes.stream().map(v -> v.getChosen().size()).toList());
    }

    private static void awaitQuestion(Page page, int number) {
        page.await(
                ("document.querySelector('.place').innerText === 'Question %d of 4'"
                                + " && document.readyState === 'complete'"
                                + " && [...document.images].every(i => i.naturalWidth > 0)")
                        .formatted(number));
    }

    private WebServer serve() throws Exception {
        var methods =
                List.of(
                        Method.of(
                                "a=" + SurveyAlbums.write(folder.resolve("a"), "", 0, 1, 2, 3, 4)),
                        Method.of(
                                "b=" + SurveyAlbums.write(folder.resolve("b"), "", 0, 5, 6, 7, 8)));
        var questions = MethodFolders.read("methods", methods, SurveyAlbums.nowhere());
        var plan = new SurveyPlan("page", "Which picture fits?", questions, 2);
        var book = new AnswerBook(List.of(), votes::add, 100);
        var parts = SurveyParts.of(plan, book, new RateLimit(MUCH, MUCH));
        return WebServer.start(WebSettings.loopback(0), parts);
    }
}
