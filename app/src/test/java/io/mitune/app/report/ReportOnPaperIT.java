package io.mitune.app.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.dashboard.Browser;
import io.mitune.app.report.Report.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The report in a real browser, as it comes out of a printer. */
@EnabledIf(
        value = "hasBrowser",
        disabledReason = "needs chromium on the PATH; .ci/run installs Debian's")
class ReportOnPaperIT {
    private static final int A4_BETWEEN_MARGINS = 718;
    private static final String CUT =
            "[...document.querySelectorAll('table')].filter(t =>"
                    + " t.getBoundingClientRect().right > innerWidth).length";

    static boolean hasBrowser() {
        return Browser.program().isPresent();
    }

    /** As wide as the demo's with its control arm. */
    @Test
    void noColumnIsCutOff(@TempDir Path folder) throws Exception {
        var arms = List.of("base", "MI-TUNE", "random");
        var header = new ArrayList<String>(List.of("", "prompts"));
        arms.forEach(arm -> header.add(arm + " % right"));
        arms.forEach(arm -> header.add(arm + " - base"));
        arms.forEach(arm -> header.add(arm + " MI"));
        var row = new ArrayList<String>(List.of("numeracy", "60"));
        header.stream().skip(2).forEach(column -> row.add("100.000 ± 0.382"));
        var table = new Table("Test prompts", "", header, List.of(row));
        var file = folder.resolve("report.html");
        HtmlReport.write(new Report("report", "", List.of(table)), file);
        try (var browser = Browser.start()) {
            var page = browser.open(file.toUri().toString(), A4_BETWEEN_MARGINS, 1000);
            page.await("document.querySelector('table') !== null");
            assertTrue(page.value(CUT).asInt() > 0, "too wide for the screen, where it scrolls");
            page.printed();
            assertEquals(0, page.value(CUT).asInt());
        }
    }
}
