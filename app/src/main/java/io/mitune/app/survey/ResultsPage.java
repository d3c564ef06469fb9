package io.mitune.app.survey;

import static io.mitune.app.web.Html.text;

import java.util.Locale;
import java.util.Map;

/**
 * Results to look at: shares with their intervals as bars, and the agreement with MI. Stateless.
 */
final class ResultsPage {
    private static final int WIDTH = 200;

    private ResultsPage() {}

    static String of(SurveyResults results) {
        var html = new StringBuilder();
        html.append("<h1>").append(text(results.campaign())).append("</h1>\n");
        html.append("<dl class=\"figures\">\n");
        figure(html, "Voters", Integer.toString(results.voters()), "");
        figure(html, "Answers", Integer.toString(results.answers()), "");
        var mi = results.mi();
        figure(
                html,
                "Higher MI preferred",
                percent(mi.share()),
                mi.answers() == 0
                        ? "no scores"
                        : "%s to %s, %d answers"
                                .formatted(
                                        percent(mi.interval().low()),
                                        percent(mi.interval().high()),
                                        mi.answers()));
        figure(
                html,
                "MI and votes, rank correlation",
                decimals(mi.kendall()),
                "Kendall, %d questions".formatted(mi.questions()));
        figure(html, "Voters among themselves", decimals(results.alpha()), "Krippendorff");
        html.append("</dl>\n");
        results.shares().forEach((category, shares) -> table(html, category, shares));
        html.append(
                "<p class=\"note\">Bars: share of the answers that showed a method and chose it;"
                        + " lines: 95 % intervals (Wilson). They take answers as independent,"
                        + " though those of one person are not quite."
                        + " <a href=\"/api/survey/results\">As JSON</a></p>\n");
        return SurveyPages.page("Results: " + results.campaign(), html.toString());
    }

    private static void figure(StringBuilder html, String name, String value, String small) {
        html.append("<div><dt>").append(name).append("</dt><dd>").append(value);
        if (!small.isEmpty()) {
            html.append(" <small>").append(small).append("</small>");
        }
        html.append("</dd></div>\n");
    }

    private static void table(StringBuilder html, String category, Map<String, Share> shares) {
        html.append("<div class=\"panel results\">\n<h2>").append(text(category));
        html.append(
                "</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Method</th>"
                        + "<th scope=\"col\" class=\"number\">Chosen</th>"
                        + "<th scope=\"col\" class=\"number\">Share</th>"
                        + "<th scope=\"col\" class=\"number\">95 % interval</th>"
                        + "<td class=\"plot\"></td></tr></thead>\n<tbody>\n");
        shares.forEach(
                (method, share) -> {
                    var bounds = share.wilson();
                    html.append("<tr><th scope=\"row\">").append(text(method));
                    html.append(
                            "</th><td class=\"number\">%d of %d</td>"
                                    .formatted(share.chosen(), share.shown()));
                    html.append("<td class=\"number\">").append(percent(share.value()));
                    html.append("</td><td class=\"number\">").append(percent(bounds.low()));
                    html.append(" to ").append(percent(bounds.high()));
                    html.append("</td><td class=\"plot\">").append(bar(share, bounds));
                    html.append("</td></tr>\n");
                });
        html.append("</tbody></table></div>\n</div>\n");
    }

    private static String bar(Share share, Share.Interval bounds) {
        return String.format(
                Locale.ROOT,
                "<svg viewBox=\"0 0 %d 16\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
                        + "<rect class=\"share\" x=\"0\" y=\"2\" width=\"%.1f\" height=\"12\"/>"
                        + "<path class=\"bounds\" d=\"M%.1f 8H%.1fM%.1f 4V12M%.1f 4V12\"/></svg>",
                WIDTH,
                WIDTH * share.value(),
                WIDTH * bounds.low(),
                WIDTH * bounds.high(),
                WIDTH * bounds.low(),
                WIDTH * bounds.high());
    }

    static String percent(double share) {
        return Double.isFinite(share) ? String.format(Locale.ROOT, "%.1f %%", 100 * share) : "-";
    }

    static String decimals(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.2f", value) : "-";
    }
}
