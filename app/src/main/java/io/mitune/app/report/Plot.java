package io.mitune.app.report;

import io.mitune.app.report.Pen.Anchor;
import io.mitune.app.report.Report.Bar;
import io.mitune.app.report.Report.Bars;
import io.mitune.app.report.Report.Chart;
import io.mitune.app.report.Report.Curve;
import io.mitune.app.report.Report.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * Axes, curves and bars, whatever they are drawn with.
 *
 * <p>A curve has every value thin and a running mean of a tenth of the points thick: a batch loss
 * is noise around a slow trend, and the thick line is the trend. Belongs to one thread.
 */
final class Plot {
    static final int WIDTH = 720;
    static final int HEIGHT = 260;
    private static final int LEFT = 76;
    private static final int BOTTOM = 40;
    private static final int MARGIN = 12;
    private static final int TICKS = 5;

    private final Pen pen;
    private final double minX;
    private final double maxX;
    private final double minY;
    private final double maxY;

    private Plot(Pen pen, double[] xs, double minY, double maxY) {
        this.pen = pen;
        minX = DoubleStream.of(xs).min().orElse(0);
        maxX = Math.max(DoubleStream.of(xs).max().orElse(1), minX + 1e-9);
        this.minY = minY;
        this.maxY = maxY;
    }

    /** Draws the chart; false, and nothing drawn, where it has no values. */
    static boolean draw(Chart chart, Pen pen) {
        if (chart instanceof Bars bars) {
            return bars(bars, pen);
        }
        return chart instanceof Curve curve && curve(curve, pen);
    }

    private static boolean curve(Curve curve, Pen pen) {
        var points =
                curve.points().stream()
                        .filter(p -> Double.isFinite(p.x()) && Double.isFinite(p.y()))
                        .toList();
        if (points.isEmpty()) {
            return false;
        }
        var low = points.stream().mapToDouble(Point::y).min().orElse(0);
        var high = points.stream().mapToDouble(Point::y).max().orElse(1);
        var room = room(low, high);
        var xs = points.stream().mapToDouble(Point::x).toArray();
        var plot = new Plot(pen, xs, low - room, high + room);
        plot.axes(curve);
        pen.line(false, plot.pixels(points));
        pen.line(true, plot.pixels(runningMean(points)));
        return true;
    }

    /** Above and below a curve; one that is flat lies in the middle of round numbers. */
    private static double room(double low, double high) {
        if (high > low) {
            return (high - low) * 0.05;
        }
        return high == 0 ? 1 : Math.abs(high) * 0.1;
    }

    private static boolean bars(Bars bars, Pen pen) {
        if (bars.bars().isEmpty()) {
            return false;
        }
        var tops = bars.bars().stream().mapToDouble(b -> Math.max(b.all(), b.kept()));
        var xs = bars.bars().stream().flatMapToDouble(b -> DoubleStream.of(b.from(), b.to()));
        var high = Math.max(tops.max().orElse(1), 1e-9);
        var plot = new Plot(pen, xs.toArray(), 0, high * 1.05);
        plot.axes(bars);
        bars.bars().forEach(plot::bar);
        return true;
    }

    private void bar(Bar bar) {
        var left = x(bar.from());
        var width = x(bar.to()) - left;
        pen.bar(false, left, y(bar.all()), width * 0.95, y(0) - y(bar.all()));
        pen.bar(true, left + width * 0.3, y(bar.kept()), width * 0.35, y(0) - y(bar.kept()));
    }

    private void axes(Chart chart) {
        for (var i = 0; i < TICKS; i++) {
            var share = i / (double) (TICKS - 1);
            var x = minX + share * (maxX - minX);
            var y = minY + share * (maxY - minY);
            pen.rule(LEFT, WIDTH - MARGIN, y(y));
            pen.text(label(y, maxY - minY), LEFT - 6, y(y) + 4, Anchor.END);
            pen.text(label(x, maxX - minX), x(x), HEIGHT - BOTTOM + 16, Anchor.MIDDLE);
        }
        var middle = (LEFT + WIDTH - MARGIN) / 2.0;
        pen.text(chart.xLabel(), middle, HEIGHT - 6, Anchor.MIDDLE);
        pen.text(chart.yLabel(), 14, (HEIGHT - BOTTOM) / 2.0, Anchor.UPWARD);
    }

    private List<Point> pixels(List<Point> points) {
        return points.stream().map(p -> new Point(x(p.x()), y(p.y()))).toList();
    }

    private static List<Point> runningMean(List<Point> points) {
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
        return String.format(Locale.ROOT, "%." + Math.max(0, Math.min(9, digits)) + "f", value);
    }
}
