package io.mitune.app.report;

import io.mitune.app.report.Report.Curve;
import io.mitune.app.report.Report.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Draws a curve as inline SVG: every value thin, a running mean of a tenth of the points thick.
 *
 * <p>A batch loss is noise around a slow trend; the thick line is the trend. Colours come from the
 * page's style, so that it follows the light or dark scheme. Stateless.
 */
final class SvgCurve {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 260;
    private static final int LEFT = 64;
    private static final int BOTTOM = 40;
    private static final int MARGIN = 12;
    private static final int TICKS = 5;

    private final List<Point> points;
    private final StringBuilder svg = new StringBuilder();
    private final double minX;
    private final double maxX;
    private final double minY;
    private final double maxY;

    private SvgCurve(List<Point> points) {
        this.points = points;
        minX = points.stream().mapToDouble(Point::x).min().orElse(0);
        maxX = Math.max(points.stream().mapToDouble(Point::x).max().orElse(1), minX + 1e-9);
        var low = points.stream().mapToDouble(Point::y).min().orElse(0);
        var high = points.stream().mapToDouble(Point::y).max().orElse(1);
        var room = Math.max((high - low) * 0.05, 1e-9);
        minY = low - room;
        maxY = high + room;
    }

    static String of(Curve curve) {
        var finite =
                curve.points().stream()
                        .filter(p -> Double.isFinite(p.x()) && Double.isFinite(p.y()))
                        .toList();
        if (finite.isEmpty()) {
            return "<p>no values</p>\n";
        }
        return new SvgCurve(finite).draw(curve);
    }

    private String draw(Curve curve) {
        add(
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
                WIDTH, HEIGHT, HtmlReport.text(curve.title()));
        for (var i = 0; i < TICKS; i++) {
            var share = i / (double) (TICKS - 1);
            var x = minX + share * (maxX - minX);
            var y = minY + share * (maxY - minY);
            add(
                    "<line class=\"rule\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>",
                    LEFT, y(y), WIDTH - MARGIN, y(y));
            add(
                    "<text class=\"end\" x=\"%d\" y=\"%.1f\">%s</text>",
                    LEFT - 6, y(y) + 4, label(y, maxY - minY));
            add(
                    "<text class=\"middle\" x=\"%.1f\" y=\"%d\">%s</text>",
                    x(x), HEIGHT - BOTTOM + 16, label(x, maxX - minX));
        }
        add(
                "<text class=\"middle\" x=\"%d\" y=\"%d\">%s</text>",
                (LEFT + WIDTH - MARGIN) / 2, HEIGHT - 6, HtmlReport.text(curve.xLabel()));
        add(
                "<text class=\"middle\" transform=\"translate(14 %d) rotate(-90)\">%s</text>",
                (HEIGHT - BOTTOM) / 2, HtmlReport.text(curve.yLabel()));
        line("thin", points);
        line("thick", runningMean());
        return svg.append("</svg>\n").toString();
    }

    private void line(String style, List<Point> shown) {
        var path = new StringBuilder();
        shown.forEach(p -> path.append(format("%.1f,%.1f ", x(p.x()), y(p.y()))));
        add("<polyline class=\"%s\" points=\"%s\"/>", style, path.toString().strip());
    }

    private List<Point> runningMean() {
        var window = Math.max(1, points.size() / 10);
        var out = new ArrayList<Point>();
        var sum = 0.0;
        for (var i = 0; i < points.size(); i++) {
            sum += points.get(i).y() - (i >= window ? points.get(i - window).y() : 0);
            out.add(new Point(points.get(i).x(), sum / Math.min(window, i + 1)));
        }
        return out;
    }

    private double x(double value) {
        return LEFT + (value - minX) / (maxX - minX) * (WIDTH - MARGIN - LEFT);
    }

    private double y(double value) {
        return HEIGHT - BOTTOM - (value - minY) / (maxY - minY) * (HEIGHT - BOTTOM - MARGIN);
    }

    /** A tick's value with as many decimals as its axis needs. */
    private static String label(double value, double range) {
        var digits = (int) Math.ceil(1.3 - Math.log10(range));
        return format("%." + Math.max(0, Math.min(9, digits)) + "f", value);
    }

    private void add(String pattern, Object... values) {
        svg.append(format(pattern, values)).append('\n');
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
