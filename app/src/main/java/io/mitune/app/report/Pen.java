package io.mitune.app.report;

import io.mitune.app.report.Report.Point;
import java.util.List;

/**
 * What a plot is drawn with: a page's SVG or a picture. Coordinates are pixels from the top left.
 */
interface Pen {
    /** Where a text stands from. */
    enum Anchor {
        END,
        MIDDLE,
        /** Middle, and turned to read upwards. */
        UPWARD
    }

    /** A thin horizontal line of the grid. */
    void rule(double x1, double x2, double y);

    void text(String text, double x, double y, Anchor anchor);

    /**
     * @param thick the trend, or the values
     */
    void line(boolean thick, List<Point> pixels);

    /**
     * @param marked what was kept, or all
     */
    void bar(boolean marked, double x, double y, double width, double height);
}
