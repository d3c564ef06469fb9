package io.mitune.app.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.report.Report.Curve;
import io.mitune.app.report.Report.Folded;
import io.mitune.app.report.Report.Grid;
import io.mitune.app.report.Report.Mark;
import io.mitune.app.report.Report.Pair;
import io.mitune.app.report.Report.Pairs;
import io.mitune.app.report.Report.Picture;
import io.mitune.app.report.Report.Point;
import io.mitune.app.report.Report.Prompt;
import io.mitune.app.report.Report.Row;
import io.mitune.app.report.Report.Table;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlReportTest {
    private static final String NASTY = "<script>alert(\"x\")</script> & \u0007bell";

    @TempDir Path folder;

    @Test
    void thePageLoadsNothingAndRunsNothing() throws IOException {
        var file = folder.resolve("new/report.html");
        HtmlReport.write(everything(), file);
        var page = Files.readString(file);
        assertFalse(page.contains("<script"), "a script");
        assertFalse(page.contains("http://") || page.contains("https://"), "a link");
        assertFalse(page.contains("\u0007"), "a control character");
        assertTrue(page.contains("default-src 'none'"), "a policy");
        assertTrue(page.contains("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp;"), page);
        try (var left = Files.list(file.getParent())) {
            assertEquals(List.of(file), left.toList());
        }
    }

    @Test
    void everyTagIsClosed() throws Exception {
        var body = HtmlReport.page(everything());
        var xml =
                body.substring(body.indexOf("<body>"), body.indexOf("</html>"))
                        .replaceAll("(<img [^>]*)>", "$1/>");
        DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void curvesLeaveOutWhatIsNotANumber() {
        var curve = new Curve("loss", "", "step", "loss", List.of(new Point(1, Double.NaN)));
        assertTrue(SvgPen.of(curve).contains("no values"));
        var one = new Curve("loss", "", "step", "loss", List.of(new Point(1, 0.5)));
        assertFalse(SvgPen.of(one).contains("NaN"), SvgPen.of(one));
    }

    @Test
    void aFlatCurveHasShortNumbers() {
        var flat = List.of(new Point(1, 30), new Point(200, 30));
        var svg = SvgPen.of(new Curve("speed", "", "step", "samples/s", flat));
        assertTrue(svg.contains(">27.0</text>") && svg.contains(">33.0</text>"), svg);
        var zero = SvgPen.of(new Curve("s", "", "step", "v", List.of(new Point(1, 0))));
        assertTrue(zero.contains(">-1.0</text>") && zero.contains(">1.0</text>"), zero);
    }

    @Test
    void aRowMustHaveTheHeadersCells() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new Table("t", "", List.of("a", "b"), List.of(List.of("1"))));
    }

    private static Report everything() {
        var picture = new Picture(new byte[] {1, 2, 3}, "MI 0.12", Mark.BEST);
        var points = new ArrayList<Point>();
        for (var i = 0; i < 100; i++) {
            points.add(new Point(i, 1 / (1.0 + i) + 0.05 * Math.sin(i * 7)));
        }
        return new Report(
                NASTY,
                NASTY,
                List.of(
                        new Table(NASTY, NASTY, List.of("", NASTY), List.of(List.of("a", NASTY))),
                        new Folded(
                                NASTY,
                                NASTY,
                                NASTY,
                                List.of(NASTY),
                                List.of(
                                        new Row(Optional.of(picture), List.of(NASTY)),
                                        new Row(Optional.empty(), List.of("b")))),
                        new Grid(
                                NASTY,
                                "",
                                List.of(
                                        new Prompt(
                                                NASTY, "n", List.of(picture), List.of(picture)))),
                        new Pairs(
                                "Before and after",
                                NASTY,
                                List.of(new Pair(NASTY, List.of(picture), List.of(picture)))),
                        new Curve(NASTY, "", NASTY, NASTY, points)));
    }
}
