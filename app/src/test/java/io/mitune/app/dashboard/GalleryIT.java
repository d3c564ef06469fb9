package io.mitune.app.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mitune.app.dashboard.http.DashboardPart;
import io.mitune.app.web.WebServer;
import io.mitune.app.web.WebSettings;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The gallery of a page that stays open while samples are kept. */
@EnabledIf(
        value = "io.mitune.app.dashboard.DashboardIT#hasBrowser",
        disabledReason = "needs chromium on the PATH; .ci/run installs Debian's")
class GalleryIT {
    private static final String KEPT = "document.querySelectorAll('#figures dd span')[4].innerText";

    /** Answers wait until they are let go. */
    private static final String HOLD =
            "(() => { const real = window.fetch; window.held = []; window.fetch = (path, o) => path.includes('/gallery?') ? new Promise(done => window.held.push(() => done(real(path, o)))) : real(path, o); })()";

    @TempDir private Path folder;

    @Test
    void itTakesInWhatIsKeptAndAsksOnceAtATime() throws Exception {
        try (var stream = new TestStream(folder)) {
            var part = new DashboardPart(stream.connection(), stream.blobs());
            try (var server = WebServer.start(WebSettings.loopback(0), List.of(part));
                    var browser = Browser.start()) {
                var page = browser.open(server.url() + "/", 1280, 900);
                page.await(KEPT + " === '0'");
                page.value(HOLD);
                keep(stream, 1);
                page.await("window.held.length === 1");
                keep(stream, 2);
                page.await(KEPT + " === '2'");
                page.value("new Promise(done => setTimeout(done, 2000))");
                assertEquals(1, page.value("window.held.length").asInt(), "not answered yet");
                page.value("window.held[0]()");
                page.await(first("prompt 2:"));
                keep(stream, 3);
                page.await("window.held.length === 2");
                page.value("window.held[1]()");
                page.await(first("prompt 3:"));
                assertEquals(3, page.count("#grid li"));
                assertEquals(List.of(), page.complaints());
            }
        }
    }

    private static void keep(TestStream stream, int number) {
        stream.curated(number, 0, 8 + number, stream.picture(number, 64, 64));
        stream.flush();
    }

    private static String first(String text) {
        return "document.querySelector('#grid li').innerText.includes('%s')".formatted(text);
    }
}
