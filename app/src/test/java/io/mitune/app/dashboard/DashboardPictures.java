package io.mitune.app.dashboard;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Takes the pictures for the documentation from a running dashboard. Not part of the build:
 *
 * <pre>
 * mvn -pl app -am test -Dtest=DashboardPictures -Dsurefire.failIfNoSpecifiedTests=false \
 *     -Dmitune.dashboard=http://127.0.0.1:8080
 * </pre>
 */
class DashboardPictures {
    private static final Path FOLDER = Path.of("../docs/dashboard");
    private static final String COMPLETE =
            "[...document.images].filter(i => i.getBoundingClientRect().top < innerHeight"
                    + " && i.getBoundingClientRect().bottom > 0).every(i => i.complete)";

    @Test
    void takePictures() throws Exception {
        var url = Optional.ofNullable(System.getProperty("mitune.dashboard")).orElseThrow();
        Files.createDirectories(FOLDER);
        try (var browser = Browser.start()) {
            for (var scheme : new String[] {"light", "dark"}) {
                take(browser, url, 1280, 1280, scheme, "#pipeline", "live-" + scheme);
                take(browser, url, 390, 844, scheme, "#prompts", "phone-" + scheme);
            }
            take(browser, url, 1280, 960, "dark", "#gallery", "gallery-dark");
            take(browser, url, 1280, 1200, "light", "#scores", "training-light");
            var page = browser.open(url + "/", 1280, 1000);
            page.prefer("light");
            page.await("document.querySelectorAll('#grid .tile').length > 0");
            page.click("#grid .tile");
            page.await("document.querySelector('#detail .large img')?.complete");
            page.await(COMPLETE);
            page.photograph(FOLDER.resolve("prompt-light.png"));
        }
    }

    private static void take(
            Browser browser,
            String url,
            int width,
            int height,
            String scheme,
            String section,
            String name)
            throws Exception {
        var page = browser.open(url + "/", width, height);
        page.prefer(scheme);
        page.await("document.querySelectorAll('#grid img').length > 0");
        page.value(
                "document.querySelector('%s').scrollIntoView({behavior: 'instant'})"
                        .formatted(section));
        page.await(COMPLETE);
        page.photograph(FOLDER.resolve(name + ".png"));
    }
}
