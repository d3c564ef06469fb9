package io.mitune.app.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.dashboard.http.DashboardPart;
import io.mitune.app.web.WebServer;
import io.mitune.app.web.WebSettings;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** What the live page says when it does not show all that there is. */
@EnabledIf(
        value = "io.mitune.app.dashboard.DashboardIT#hasBrowser",
        disabledReason = "needs chromium on the PATH; .ci/run installs Debian's")
class PageNoticesIT {
    private static final int CANDIDATES = 2003;

    @TempDir private Path folder;

    @Test
    void candidatesThatAreLeftOutAndReadingThatEndedAreTold() throws Exception {
        try (var stream = new TestStream(folder)) {
            stream.prompt(1, CANDIDATES);
            stream.candidates(1, CANDIDATES, stream.picture(1, 64, 64));
            stream.flush();
            var part = new DashboardPart(stream.connection(), stream.blobs());
            try (var server = WebServer.start(WebSettings.loopback(0), List.of(part));
                    var browser = Browser.start()) {
                var address = server.url() + "/#prompt/default/" + TestStream.promptId(1) + "/1";
                var page = browser.open(address, 1280, 900);
                page.await("document.querySelector('#detail .all h3')");
                assertEquals(
                        "2,000 of 2,003 candidates, best first; of so many, only those that came"
                                + " first are shown",
                        page.text("#detail .all h3"));
                page.press("Escape");
                page.await("document.querySelector('#live').innerText === 'live'");

                Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().equals("dashboard-log"))
                        .forEach(Thread::interrupt); // nothing that reading again would mend
                page.await("document.querySelector('#live').innerText === 'reading ended'");
                var note = page.text("#loading");
                assertTrue(note.startsWith("Reading the log ended: "), note);
                assertTrue(note.endsWith("start it again."), note);
                assertEquals(List.of(), page.complaints());
            }
        }
    }
}
