package io.mitune.app.report;

import static io.mitune.app.web.Html.text;

import io.mitune.app.cli.WholeOutput;
import io.mitune.app.report.Report.Chart;
import io.mitune.app.report.Report.Folded;
import io.mitune.app.report.Report.Grid;
import io.mitune.app.report.Report.Pair;
import io.mitune.app.report.Report.Pairs;
import io.mitune.app.report.Report.Picture;
import io.mitune.app.report.Report.Prompt;
import io.mitune.app.report.Report.Section;
import io.mitune.app.report.Report.Sheets;
import io.mitune.app.report.Report.Table;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/**
 * Writes a {@link Report} as one HTML file that needs nothing else.
 *
 * <p>Pictures are data URIs, the style and the curves are inline, there is no script, and a content
 * security policy forbids the page to load anything: it can be mailed and opened anywhere. All text
 * comes from outside and is escaped. Stateless.
 */
public final class HtmlReport {
    private HtmlReport() {}

    /** Writes the page; an older one of that name is replaced in one step. */
    public static void write(Report report, Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        WholeOutput.replace(file, page(report));
    }

    static String page(Report report) {
        var html = new StringBuilder();
        html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        html.append("<meta name=\"color-scheme\" content=\"light dark\">\n");
        html.append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
        html.append("img-src data:; style-src 'unsafe-inline'\">\n");
        html.append("<title>").append(text(report.title())).append("</title>\n");
        html.append("<style>\n").append(style()).append("</style>\n</head>\n<body>\n<main>\n");
        html.append("<h1>").append(text(report.title())).append("</h1>\n");
        html.append("<p class=\"lead\">").append(text(report.lead())).append("</p>\n");
        report.sections().forEach(section -> section(html, section));
        return html.append("</main>\n</body>\n</html>\n").toString();
    }

    private static void section(StringBuilder html, Section section) {
        html.append("<section>\n<h2>").append(text(section.title())).append("</h2>\n");
        if (!section.note().isEmpty()) {
            html.append("<p>").append(text(section.note())).append("</p>\n");
        }
        if (section instanceof Table table) {
            table(html, table);
        } else if (section instanceof Folded folded) {
            folded(html, folded);
        } else if (section instanceof Grid grid) {
            html.append("<div class=\"grid\">\n");
            grid.prompts().forEach(prompt -> prompt(html, prompt));
            html.append("</div>\n");
        } else if (section instanceof Pairs pairs) {
            pairs.pairs().forEach(pair -> pair(html, pair));
        } else if (section instanceof Sheets sheets) {
            html.append("<div class=\"sheets\">\n");
            sheets.pictures().forEach(sheet -> pictures(html, sheet.label(), List.of(sheet)));
            html.append("</div>\n");
        } else if (section instanceof Chart chart) {
            html.append(SvgPen.of(chart));
        }
        html.append("</section>\n");
    }

    private static void table(StringBuilder html, Table table) {
        html.append("<div class=\"scroll\"><table>\n<thead><tr>");
        table.header().forEach(cell -> html.append("<th>").append(text(cell)).append("</th>"));
        html.append("</tr></thead>\n<tbody>\n");
        for (var row : table.rows()) {
            html.append("<tr>");
            row.forEach(cell -> html.append("<td>").append(text(cell)).append("</td>"));
            html.append("</tr>\n");
        }
        html.append("</tbody></table></div>\n");
    }

    private static void folded(StringBuilder html, Folded folded) {
        html.append("<details><summary>").append(text(folded.summary())).append("</summary>\n");
        html.append("<div class=\"scroll\"><table class=\"words\">\n<thead><tr><th></th>");
        folded.header().forEach(cell -> html.append("<th>").append(text(cell)).append("</th>"));
        html.append("</tr></thead>\n<tbody>\n");
        for (var row : folded.rows()) {
            html.append("<tr><td>");
            row.picture()
                    .ifPresent(
                            p -> html.append("<img alt=\"\" src=\"").append(data(p)).append("\">"));
            html.append("</td>");
            row.cells().forEach(cell -> html.append("<td>").append(text(cell)).append("</td>"));
            html.append("</tr>\n");
        }
        html.append("</tbody></table></div>\n</details>\n");
    }

    private static void prompt(StringBuilder html, Prompt prompt) {
        html.append("<article>\n<h3>").append(text(prompt.text())).append("</h3>\n");
        if (!prompt.note().isEmpty()) {
            html.append("<p>").append(text(prompt.note())).append("</p>\n");
        }
        pictures(html, prompt.text(), prompt.shown());
        if (!prompt.folded().isEmpty()) {
            html.append("<details><summary>All ").append(prompt.folded().size());
            html.append("</summary>\n");
            pictures(html, prompt.text(), prompt.folded());
            html.append("</details>\n");
        }
        html.append("</article>\n");
    }

    private static void pair(StringBuilder html, Pair pair) {
        html.append("<article>\n<h3>").append(text(pair.text())).append("</h3>\n");
        html.append("<div class=\"pair\"><div><h4>before</h4>\n");
        pictures(html, pair.text(), pair.before());
        html.append("</div><div><h4>after</h4>\n");
        pictures(html, pair.text(), pair.after());
        html.append("</div></div>\n</article>\n");
    }

    private static void pictures(StringBuilder html, String prompt, List<Picture> pictures) {
        html.append("<div class=\"pictures\">\n");
        for (var picture : pictures) {
            var mark = picture.mark().name().toLowerCase(Locale.ROOT);
            html.append("<figure class=\"").append(mark).append("\"><img alt=\"");
            html.append(text(prompt)).append("\" src=\"").append(data(picture));
            html.append("\"><figcaption>").append(text(picture.label()));
            html.append("</figcaption></figure>\n");
        }
        html.append("</div>\n");
    }

    private static String data(Picture picture) {
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(picture.png());
    }

    private static String style() {
        try (InputStream in = HtmlReport.class.getResourceAsStream("report.css")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
