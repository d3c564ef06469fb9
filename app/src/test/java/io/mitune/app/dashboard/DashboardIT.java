package io.mitune.app.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.TextNode;
import io.mitune.app.api.ApiParts;
import io.mitune.app.dashboard.http.DashboardPart;
import io.mitune.app.log.TopicLog;
import io.mitune.app.web.WebPart;
import io.mitune.app.web.WebServer;
import io.mitune.app.web.WebSettings;
import io.mitune.schemas.BlobRef;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The live page in a real browser, on a real broker. */
@EnabledIf(
        value = "hasBrowser",
        disabledReason = "needs chromium on the PATH; .ci/run installs Debian's")
@TestMethodOrder(OrderAnnotation.class)
class DashboardIT {
    private static final int CANDIDATES = 6;

    @TempDir private static Path folder;
    private static TestStream stream;
    private static Browser browser;
    private static WebServer server;
    private static final List<BlobRef> pictures = new ArrayList<>();
    private Page page;

    static boolean hasBrowser() {
        return Browser.program().isPresent();
    }

    @BeforeAll
    static void start() throws Exception {
        stream = new TestStream(folder);
        for (int number = 0; number < 12; number++) {
            pictures.add(stream.picture(number, 128, 128));
        }
        for (int number = 0; number < 8; number++) {
            stream.round(number, CANDIDATES, pictures);
        }
        for (int step = 1; step <= 40; step++) {
            stream.step(step);
        }
        stream.judged(0, 7);
        stream.judged(1, 7.5);
        stream.judged(2, 7.2);
        stream.adapter(1, "promoted", true);
        stream.adapter(2, "rejected", false);
        stream.deadLetter("candidates: expected an id, found none");
        stream.flush();
        server = server(0);
        browser = Browser.start();
    }

    @AfterAll
    static void stop() throws Exception {
        if (browser != null) {
            browser.close();
        }
        if (server != null) {
            server.close();
        }
        if (stream != null) {
            stream.close();
        }
    }

    @BeforeEach
    void open() {
        page = browser.open(server.url() + "/", 1280, 900);
        page.prefer("light");
        page.await("document.querySelectorAll('#grid img').length >= 8");
    }

    @AfterEach
    void nothingIsRefused() {
        assertEquals(List.of(), page.complaints());
    }

    @Test
    @Order(1)
    void everySectionShowsWhatTheLogSays() {
        page.await("document.querySelector('#figures').innerText.includes('48')");
        assertEquals(8, page.count("#cards article"));
        assertEquals(8 * CANDIDATES, page.count("#cards .thumb"));
        assertEquals(8, page.count("#cards .thumb.kept"));
        assertTrue(page.text("#prompts-note").contains("All 8 prompts are done"));
        assertEquals(2, page.count("#workers-rows tr"));
        assertEquals(5, page.count("#curves svg"));
        var readable =
                "[...document.querySelectorAll('#curves text')].every(t => t.getBoundingClientRect().height >= 12)";
        assertTrue(page.value(readable).asBoolean(), "text in the curves is at least 12 px high");
        assertEquals(3, page.count("#adapter-runs tbody tr"));
        assertTrue(page.text("#adapter-runs").contains("Version 1 is in use"));
        assertTrue(page.text("#letters-count").startsWith("1 dead letter"));
        assertTrue(page.text("#batch-rows").contains("48 of 600 candidates"));
        assertTrue(page.text("#runs-empty").contains("./mitune run set default"));
        page.await("document.querySelectorAll('#cards img')[0].naturalWidth > 0");
        var best =
                page.value(
                        "[...document.querySelectorAll('#cards article')[0].querySelectorAll('.mi')].map(e => Number(e.textContent))");
        for (int i = 1; i < best.size(); i++) {
            assertTrue(best.get(i - 1).asDouble() >= best.get(i).asDouble(), best.toString());
        }
    }

    @Test
    @Order(2)
    void aClickShowsAllCandidatesOfAPrompt() {
        page.click("#grid .tile");
        page.await("document.querySelectorAll('#detail .thumb').length === " + CANDIDATES);
        page.await("document.querySelector('#detail .large img').naturalWidth > 0");
        var facts = page.text("#detail .facts");
        assertTrue(facts.contains("mi-max v1: best of 6"), facts);
        assertTrue(facts.contains("worker-"), facts);
        assertEquals(1, page.count("#detail figure svg"));
        page.click("#detail .thumb:nth-child(3)");
        page.await("document.querySelector('#detail .facts').innerText.includes('3 of 6')");
        page.press("Escape");
        page.await("!document.querySelector('#detail').open");
    }

    @Test
    @Order(3)
    void theGalleryIsFiltered() {
        page.value(
                "(() => { const f = document.querySelector('#filters'); f.elements.category.value = 'color'; f.dispatchEvent(new Event('input')); })()");
        page.await("document.querySelectorAll('#grid li').length === 3");
        assertTrue(page.text("#gallery-note").startsWith("3 of 8"));

        page.value( // the answer for this text waits until it is let go
                "(() => { const real = window.fetch; window.fetch = (path, o) => real(path, o).then(a => path.includes('text=nothing') ? new Promise(done => { window.letGo = () => done(a); }) : a); })()");
        page.value(filter("text", "nothing"));
        page.await("window.letGo");
        page.value(filter("text", "") + ", " + filter("category", ""));
        page.await("document.querySelectorAll('#grid li').length === 8");
        page.value("(window.letGo(), new Promise(done => setTimeout(done, 500)))");
        assertEquals(8, page.count("#grid li"));
    }

    @Test
    @Order(4)
    void theKeyboardAloneIsEnough() {
        page.press("Tab");
        assertEquals("Skip to the content", page.text(":focus"));
        page.press("Enter");
        page.await("location.hash === '#main'");
        for (int i = 0; i < 60 && page.count(".thumb:focus") == 0; i++) {
            page.press("Tab");
        }
        assertEquals(1, page.count(".thumb:focus"));
        page.press("Enter");
        page.await("document.querySelectorAll('#detail .thumb').length === " + CANDIDATES);
        page.await("document.activeElement.matches('#detail .thumb')");
        var before = page.text("#detail .facts");
        page.press("ArrowRight");
        page.await("document.querySelector('#detail .facts').innerText !== " + quoted(before));
        page.press("Escape");
        page.await("document.activeElement.matches('#cards .thumb')");
    }

    @Test
    @Order(5)
    void picturesBeforeAndAfterLieOverEachOther() {
        page.click("[aria-label='Compare version 1 of default']");
        page.await(
                "[...document.querySelectorAll('.compare img')].length === 2 && [...document.querySelectorAll('.compare img')].every(i => i.naturalWidth > 0)");
        var before = page.value("document.querySelector('.sheets').style.getPropertyValue('--at')");
        page.press("ArrowRight");
        page.await(
                "document.querySelector('.sheets').style.getPropertyValue('--at') !== " + before);
    }

    @Test
    @Order(6)
    void aPromotionIsAskedForAndTakesEffect() {
        page.value(
                "document.querySelector(\"[aria-label='Promote version 2 of default']\").focus()");
        page.press("Enter");
        page.await("document.querySelector('#confirm').open");
        page.value("document.querySelector('#confirm-yes').focus()");
        page.press("Enter");
        await(() -> history().contains("promote-requested 2"));
        page.await(
                "document.querySelector('#adapter-runs .said').innerText.startsWith('Asked for')");
        stream.adapter(2, "promoted", true); // as the promotion role would
        stream.flush();
        page.await(
                "document.querySelector('#adapter-runs').innerText.includes('Version 2 is in use')");
        assertEquals("", page.text("#adapter-runs .said"));
        // the button is gone, and the keyboard is not thrown back to the top
        page.await("document.activeElement.matches('#adapter-runs .scroll')");
    }

    @Test
    @Order(7)
    void aCandidateAppearsWhenItsRecordArrives() {
        stream.prompt(50, 3);
        stream.candidate(50, 0, 3, 9.25, pictures.get(1));
        stream.flush();
        page.await("document.querySelector('#cards article h3').innerText.includes('prompt 50:')");
        page.await("document.querySelector('#cards article .meta').innerText.includes('1 of 3')");
        stream.candidate(50, 1, 3, 9.75, pictures.get(2));
        stream.flush();
        page.await("document.querySelector('#cards article .thumb .mi').textContent === '9.75'");
        page.await(
                "[...document.querySelectorAll('#cards article:first-child img')].every(i => i.naturalWidth > 0)");
    }

    @Test
    @Order(8)
    void aPhoneScrollsInOneDirectionOnly() {
        for (int width : List.of(320, 360, 412)) {
            page.resize(width, 800);
            page.await("screen.width === " + width);
            assertEquals(
                    width,
                    page.value("Math.max(innerWidth, document.documentElement.scrollWidth)")
                            .asInt(),
                    () -> "width " + width + ": " + page.value(WIDEST));
        }
    }

    @Test
    @Order(9)
    void anotherThemeIsKept() {
        page.await("document.querySelector('#theme').textContent === 'Dark theme'");
        page.click("#theme");
        page.await("document.documentElement.dataset.theme === 'dark'");
        page.go(server.url() + "/");
        page.await(
                "document.documentElement.dataset.theme === 'dark' && document.querySelector('#theme')?.textContent === 'Light theme'");
        page.value("localStorage.clear()");
    }

    @Test
    @Order(10)
    void thePageGoesOnWhenTheServerComesBack() {
        int port = server.port();
        server.close();
        page.await("document.querySelector('#live').dataset.state === 'lost'");
        page.value(
                "(() => { const i = document.querySelector('#grid img'); i.loading = 'eager'; i.src += '&again'; })()");
        page.await("document.querySelectorAll('#grid .gone').length === 1");
        page.value(
                "(() => { const t = document.querySelector('#filters [name=text]'); t.value = 'x'; t.dispatchEvent(new Event('input', { bubbles: true })); })()");
        page.await(
                "document.querySelector('#gallery-note').innerText.includes('the server does not answer')");
        page.value(
                "(() => { const t = document.querySelector('#filters [name=text]'); t.value = ''; t.dispatchEvent(new Event('input', { bubbles: true })); })()");
        stream.prompt(60, 3);
        stream.candidate(60, 0, 3, 8.5, pictures.get(3));
        stream.flush();
        server = server(port);
        page.await("document.querySelector('#live').dataset.state === 'live'");
        page.await("document.querySelector('#cards article h3').innerText.includes('prompt 60:')");
        page.await("document.querySelectorAll('#grid .gone').length === 0");
        page.await( // asked for when it comes into view
                "(i => { i.scrollIntoView({block:'center',behavior:'instant'}); return i.complete && i.naturalWidth > 0; })(document.querySelector('#grid img'))");
        page.forgetComplaints(); // the browser reports that it could not connect
    }

    @Test
    @Order(11)
    void tenThousandEventsDoNotHoldUpThePage() {
        var before = page.value(CANDIDATES_SEEN).asInt();
        var drawn = page.value(DRAWN).asInt();
        var busy = page.busy();
        for (int number = 1000; number < 2000; number++) {
            stream.candidates(number, 10, pictures.get(number % 12));
        }
        stream.flush();
        page.await(CANDIDATES_SEEN + " >= " + (before + 10_000));
        drawn = page.value(DRAWN).asInt() - drawn;
        assertTrue(drawn < 1000, "drawn so often: " + drawn);
        page.click("#cards .thumb");
        page.await("document.querySelectorAll('#detail .thumb').length === 10");
        page.press("Escape");
        page.await("document.querySelectorAll('#cards article').length === 24");
        busy = page.busy() - busy; // all in all: less than one long wait
        assertTrue(busy < 3, "seconds of a processor: " + busy);
    }

    private static String filter(String name, String value) {
        var set = "f.elements['%s'].value = '%s'; f.dispatchEvent(new Event('input'));";
        var form = "document.querySelector('#filters')";
        return "(f => { " + set.formatted(name, value) + " })(" + form + ")";
    }

    private static final String CANDIDATES_SEEN =
            "Number(document.querySelector('#figures dd span').textContent.replaceAll(',', ''))";
    private static final String DRAWN = "Number(document.documentElement.dataset.drawn)";
    private static final String WIDEST =
            "[...document.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > screen.width + 1 && !e.closest('.scroll, nav, .stage')).map(e => e.tagName + '.' + e.className + '#' + e.id).slice(0, 8).join(' ')";

    @Test
    @Order(12)
    void theFormPublishesAndNamesWhatIsWrong() {
        page.value("document.querySelector('#publish').open = true");
        fill("prompts", "two red cubes\n\n  a cat and a dog  ");
        fill("candidates", "0");
        page.click("#publish-form button");
        page.await("document.querySelector('#publish-said').dataset.bad === 'true'");
        assertTrue(page.text("#publish-said").contains("candidates"), page.text("#publish-said"));
        assertEquals(
                "candidates", page.value("document.querySelector('[aria-invalid]').name").asText());
        page.forgetComplaints(); // the browser tells of each refusal

        fill("candidates", "4");
        fill("category", "numeracy");
        fill("run", "form");
        page.click("#publish-form button");
        page.await("document.querySelector('#publish-said').dataset.bad === 'false'");
        assertEquals("2 published as round 1 of form.", page.text("#publish-said"));
        var prompts = TopicLog.values(stream.connection(), stream.connection().topics().prompts());
        var published = prompts.stream().filter(p -> p.getRun().equals("form")).toList();
        assertEquals(
                Set.of("two red cubes numeracy 4", "a cat and a dog numeracy 4"),
                published.stream()
                        .map(p -> p.getText() + " " + p.getCategory() + " " + p.getCandidates())
                        .collect(Collectors.toSet()));
        assertEquals(
                "", page.value("document.querySelector('#publish-form').prompts.value").asText());

        page.await(row("0 of 8 candidates") + " && " + row("waits for its turn"));
        for (var prompt : published) {
            for (int index = 0; index < 3; index++) {
                stream.candidate(prompt, index, 5 + index, pictures.get(index));
            }
        }
        stream.flush();
        page.await(row("6 of 8 candidates") + " && " + row("done in"));
        assertTrue(
                page.text("#spoken").matches("form, round 1: being drawn, [2-6] of 8 .*"),
                page.text("#spoken"));
        for (var prompt : published) {
            stream.candidate(prompt, 3, 8, pictures.get(3));
            stream.curated(prompt, 3, 8, pictures.get(3));
        }
        stream.flush();
        page.await(row("8 of 8 candidates") + " && " + row("2 of 2 prompts curated"));
        page.await(
                row("done") + " && document.querySelector('#spoken').innerText.includes('done')");
    }

    /** Whether the batch of the form says so. */
    private static String row(String text) {
        return ("[...document.querySelectorAll('#batch-rows li')].map(li => li.innerText)"
                        + ".some(said => said.includes('form, round 1') && said.includes(%s))")
                .formatted(quoted(text));
    }

    @Test
    @Order(13)
    void budgetsAreShownAsTheyAreSpent() {
        assertTrue(page.value("!document.querySelector('#runs-empty').hidden").asBoolean());
        stream.status("running", "");
        stream.status("free", "running", "", null);
        stream.flush();
        page.await("document.querySelectorAll('#run-cards article').length === 2");
        assertTrue(page.value("document.querySelector('#runs-empty').hidden").asBoolean());
        var limited = card("default");
        page.await(limited + ".includes('600, 400 left')");
        page.await(limited + ".includes('2 h 0 min')");
        page.await("!" + limited + ".includes('mitune run set')");
        page.await(card("free") + ".includes('./mitune run set free --budget-gpu-hours 100')");
        stream.status("spent", "no candidates left to spend");
        stream.flush();
        page.await(limited + ".includes('no candidates left to spend')");
        page.await(
                "document.querySelector('#run-cards [data-key=default] .badge').className.includes('bad')");
    }

    @Test
    @Order(14)
    void anEndedSessionLeadsToTheLogin() {
        int port = server.port();
        server.close();
        page.await("document.querySelector('#live').dataset.state === 'lost'");
        var settings = WebSettings.loopback(port).withToken("0123456789abcdef-test");
        server = server(settings);
        page.await("location.pathname + location.search === '/login?next=/'");
        server.close();
        server = server(port);
        page.forgetComplaints(); // the browser tells of each refusal
    }

    private static String card(String run) {
        return "document.querySelector('#run-cards [data-key=%s]').innerText".formatted(run);
    }

    private void fill(String name, String text) {
        page.value(
                "document.querySelector('#publish-form').elements['%s'].value = %s"
                        .formatted(name, TextNode.valueOf(text)));
    }

    private static WebServer server(int port) {
        return server(WebSettings.loopback(port));
    }

    private static WebServer server(WebSettings settings) {
        var part = new DashboardPart(stream.connection(), stream.blobs());
        await(part::caughtUp);
        var parts = new ArrayList<WebPart>(ApiParts.of(stream.connection()));
        parts.add(part);
        return WebServer.start(settings, parts);
    }

    private static String history() {
        var topic = stream.connection().topics().adapterHistory();
        return TopicLog.values(stream.connection(), topic).stream()
                .map(event -> event.getStatus() + " " + event.getVersion())
                .toList()
                .toString();
    }

    private static String quoted(String text) {
        return TextNode.valueOf(text).toString();
    }

    private static void await(BooleanSupplier done) {
        var deadline = System.nanoTime() + 60_000_000_000L;
        while (!done.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "expected it within 60 s");
            LockSupport.parkNanos(50_000_000);
        }
    }
}
