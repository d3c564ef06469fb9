package io.mitune.app.survey;

import io.mitune.app.cli.TextTable;
import java.util.ArrayList;
import java.util.List;

/** Results as lines for a terminal. Stateless. */
final class ResultsTable {
    private static final List<String> HEAD =
            List.of("category", "method", "chosen", "of", "share", "95 % interval");

    private ResultsTable() {}

    static List<String> lines(SurveyResults results) {
        var lines = new ArrayList<String>();
        lines.add(
                "campaign %s: voters %d, answers %d"
                        .formatted(results.campaign(), results.voters(), results.answers()));
        var rows = new ArrayList<List<String>>();
        results.shares()
                .forEach(
                        (category, shares) ->
                                shares.forEach(
                                        (method, share) -> rows.add(row(category, method, share))));
        lines.addAll(TextTable.lines(HEAD, rows));
        var mi = results.mi();
        lines.add(
                "higher MI preferred: %s (%s to %s), %d answers"
                        .formatted(
                                ResultsPage.percent(mi.share()),
                                ResultsPage.percent(mi.interval().low()),
                                ResultsPage.percent(mi.interval().high()),
                                mi.answers()));
        lines.add(
                ("rank correlation of MI and votes: Kendall %s within %d questions,"
                                + " Spearman %s over %d pictures")
                        .formatted(
                                ResultsPage.decimals(mi.kendall()),
                                mi.questions(),
                                ResultsPage.decimals(mi.spearman()),
                                mi.pictures()));
        lines.add(
                "voters among themselves: Krippendorff's alpha "
                        + ResultsPage.decimals(results.alpha()));
        return lines;
    }

    private static List<String> row(String category, String method, Share share) {
        var bounds = share.wilson();
        return List.of(
                category,
                method,
                Integer.toString(share.chosen()),
                Integer.toString(share.shown()),
                ResultsPage.percent(share.value()),
                ResultsPage.percent(bounds.low()) + " to " + ResultsPage.percent(bounds.high()));
    }
}
