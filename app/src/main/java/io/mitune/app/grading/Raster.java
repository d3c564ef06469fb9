package io.mitune.app.grading;

import java.util.Arrays;

/**
 * A black-and-white canvas with the filling rules of the Pillow library's ImageDraw.
 *
 * <p>The scenes that the demo model learnt were drawn with Pillow, four times too large and then
 * averaged. A fitted template is only exact if its edges fall on the same pixels, so the three
 * fills here follow Pillow's rules: coordinates are cut to whole pixels, boxes include their last
 * row and column, ellipses are walked on a half-pixel lattice. Not thread-safe.
 */
final class Raster {
    private final int width;
    private final int height;
    private final boolean[] filled;

    Raster(int width, int height) {
        this.width = width;
        this.height = height;
        this.filled = new boolean[width * height];
    }

    /** The share of filled pixels in each block of side x side, in steps of 1/255. */
    float[] coverage(int side) {
        var columns = width / side;
        var out = new float[columns * (height / side)];
        for (var i = 0; i < out.length; i++) {
            var sum = 0;
            for (var p = 0; p < side * side; p++) {
                var x = i % columns * side + p % side;
                var y = i / columns * side + p / side;
                sum += filled[y * width + x] ? 255 : 0;
            }
            out[i] = (sum + side * side / 2) / (side * side) / 255f;
        }
        return out;
    }

    /** Fills the rectangle of half sizes rx, ry. */
    void fillRectangle(double cx, double cy, float rx, float ry) {
        for (var y = (int) (cy - ry); y <= (int) (cy + ry); y++) {
            span(y, (int) (cx - rx), (int) (cx + rx), true);
        }
    }

    /**
     * Fills, or with ink = false clears, the circle of radius r.
     *
     * <p>In a quarter, lattice points 2 units apart are walked from the side to the top; the next
     * point is the one of up, up-left and left that is closest to the curve. The first point met in
     * a row ends that row.
     */
    void fillEllipse(double cx, double cy, float r, boolean ink) {
        var left = (int) (cx - r);
        var top = (int) (cy - r);
        long a = (int) (cx + r) - left;
        long b = (int) (cy + r) - top;
        if (a < 0 || b < 0) {
            return;
        }
        long x = a;
        long y = b % 2;
        long row = -1;
        while (true) {
            if (y != row) {
                row = y;
                var from = (int) (left + (a - x) / 2);
                var to = (int) (left + (a + x) / 2);
                span((int) (top + (b + y) / 2), from, to, ink);
                span((int) (top + (b - y) / 2), from, to, ink);
            }
            if (x == a % 2 && y == b) {
                return;
            }
            var up = offCurve(a, b, x, y + 2);
            var upLeft = x > 1 ? offCurve(a, b, x - 2, y + 2) : Long.MAX_VALUE;
            var toLeft = x > 1 ? offCurve(a, b, x - 2, y) : Long.MAX_VALUE;
            if (toLeft < Math.min(up, upLeft)) {
                x -= 2;
            } else {
                x -= upLeft < up ? 2 : 0;
                y += 2;
            }
        }
    }

    private static long offCurve(long a, long b, long x, long y) {
        return Math.abs(a * a * y * y + b * b * x * x - a * a * b * b);
    }

    /** Fills the polygon with whole-pixel corners x, y, x, y, ... by the even-odd rule. */
    void fillPolygon(int[] corners) {
        var edges = PolygonEdge.around(corners);
        var first = Math.max(0, edges.stream().mapToInt(PolygonEdge::top).min().orElse(0));
        var last = edges.stream().mapToInt(PolygonEdge::bottom).max().orElse(-1);
        for (var edge : edges) {
            if (edge.isLevel()) {
                span(
                        edge.top(),
                        Math.min(edge.x0(), edge.x1()),
                        Math.max(edge.x0(), edge.x1()),
                        true);
            }
        }
        for (var y = first; y <= Math.min(last, height); y++) {
            var crossings = PolygonEdge.crossings(edges, y, y == last);
            for (var i = 1; i < crossings.length; i += 2) {
                span(y, nearest(crossings[i - 1]), nearestInside(crossings[i]), true);
            }
        }
    }

    /** The nearest whole number; a half goes away from zero. */
    private static int nearest(float x) {
        return (int) (x >= 0 ? Math.floor(x + 0.5f) : -Math.floor(-x + 0.5f));
    }

    /** The nearest whole number; a half goes to zero. */
    private static int nearestInside(float x) {
        return (int) (x >= 0 ? Math.ceil(x - 0.5f) : -Math.ceil(-x - 0.5f));
    }

    private void span(int y, int from, int to, boolean ink) {
        if (y >= 0 && y < height && from < width && to >= 0 && from <= to) {
            var start = y * width;
            Arrays.fill(
                    filled, start + Math.max(0, from), start + Math.min(width - 1, to) + 1, ink);
        }
    }
}
