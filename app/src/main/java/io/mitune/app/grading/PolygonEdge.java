package io.mitune.app.grading;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One side of a polygon with whole-pixel ends, and where a row of pixels crosses the sides.
 *
 * <p>Beside the plain even-odd rule, the crossings do two things that Pillow does: an edge that
 * ends above the polygon's last row counts twice there, so that the next edge can take over; and a
 * sharp tip is widened or cut to one pixel beyond the rows next to it, so that it stays connected.
 * Immutable.
 */
record PolygonEdge(int x0, int y0, int x1, int y1) {

    /** The sides of the polygon with corners x, y, x, y, ... */
    static List<PolygonEdge> around(int[] corners) {
        var edges = new ArrayList<PolygonEdge>();
        for (var i = 0; i < corners.length; i += 2) {
            var next = (i + 2) % corners.length;
            edges.add(
                    new PolygonEdge(corners[i], corners[i + 1], corners[next], corners[next + 1]));
        }
        return edges;
    }

    /**
     * Sorted x of all crossings with row y: insides lie between the first and second, and so on.
     */
    static float[] crossings(List<PolygonEdge> edges, int y, boolean lastRow) {
        var found = new float[2 * edges.size()];
        var count = 0;
        for (var i = 0; i < edges.size(); i++) {
            var edge = edges.get(i);
            if (edge.isLevel() || !edge.reaches(y)) {
                continue;
            }
            var x = edge.at(y);
            if (y == edge.bottom() && !lastRow) {
                found[count++] = x;
            } else if (edge.isTip(y)) {
                x = edge.tip(y, edges.subList(0, i));
            }
            found[count++] = x;
        }
        var crossings = Arrays.copyOf(found, count);
        Arrays.sort(crossings);
        return crossings;
    }

    int top() {
        return Math.min(y0, y1);
    }

    int bottom() {
        return Math.max(y0, y1);
    }

    boolean isLevel() {
        return y0 == y1;
    }

    private boolean reaches(int y) {
        return y >= top() && y <= bottom();
    }

    private boolean isTip(int y) {
        return (y == top() || y == bottom()) && x0 != x1;
    }

    /** x on the line of this edge at row y. */
    private float at(int y) {
        return (y - y0) * ((float) (x1 - x0) / (y1 - y0)) + x0;
    }

    /** x of this edge's end, moved next to the rows inside when an earlier edge meets it there. */
    private float tip(int y, List<PolygonEdge> earlier) {
        var x = at(y);
        var inside = y == bottom() ? y - 1 : y + 1;
        for (var other : earlier) {
            var meets = !other.isLevel() && other.isTip(y) && round(x) == round(other.at(y));
            if (!meets || !other.reaches(inside)) {
                continue;
            }
            var mine = at(inside);
            var its = other.at(inside);
            if (x > mine + 1 && x > its + 1) {
                return round(Math.max(mine, its)) + 1;
            }
            if (x < mine - 1 && x < its - 1) {
                return round(Math.min(mine, its)) - 1;
            }
            return x;
        }
        return x;
    }

    /** Half away from zero. */
    private static float round(float x) {
        return (float) (Math.signum(x) * Math.floor(Math.abs(x) + 0.5));
    }
}
