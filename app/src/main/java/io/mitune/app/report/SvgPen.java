package io.mitune.app.report;

import io.mitune.app.report.Report.Chart;
import io.mitune.app.report.Report.Point;
import io.mitune.app.web.Html;
import java.util.List;
import java.util.Locale;

/**
 * Draws a plot as inline SVG. Colours come from the page's style, so that it follows the light or
 * dark scheme. Belongs to one thread.
 */
final class SvgPen implements Pen {
    private final StringBuilder svg = new StringBuilder();

    private SvgPen() {}

    /** The chart as SVG, or a word that it has no values. */
    static String of(Chart chart) {
        var pen = new SvgPen();
        pen.add(
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
                Plot.WIDTH, Plot.HEIGHT, Html.text(chart.title()));
        return Plot.draw(chart, pen) ? pen.svg.append("</svg>\n").toString() : "<p>no values</p>\n";
    }

    @Override
    public void rule(double x1, double x2, double y) {
        add("<line class=\"rule\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", x1, y, x2, y);
    }

    @Override
    public void text(String text, double x, double y, Anchor anchor) {
        var safe = Html.text(text);
        if (anchor == Anchor.UPWARD) {
            add(
                    "<text class=\"middle\" transform=\"translate(%.1f %.1f) rotate(-90)\">%s</text>",
                    x, y, safe);
        } else {
            var style = anchor == Anchor.END ? "end" : "middle";
            add("<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>", style, x, y, safe);
        }
    }

    @Override
    public void line(boolean thick, List<Point> pixels) {
        var path = new StringBuilder();
        pixels.forEach(p -> path.append(format("%.1f,%.1f ", p.x(), p.y())));
        add(
                "<polyline class=\"%s\" points=\"%s\"/>",
                thick ? "thick" : "thin", path.toString().strip());
    }

    @Override
    public void bar(boolean marked, double x, double y, double width, double height) {
        add(
                "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
                marked ? "kept" : "bar", x, y, width, height);
    }

    private void add(String pattern, Object... values) {
        svg.append(format(pattern, values)).append('\n');
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
