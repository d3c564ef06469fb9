package io.mitune.app.report;

import java.util.List;
import java.util.Optional;

/**
 * What a run wants to show, without a word on how: {@link HtmlReport} makes the page of it.
 *
 * <p>A plain model keeps the roles that collect results free of markup. Immutable.
 *
 * @param title heading of the page
 * @param lead a sentence or two below the title
 * @param sections in reading order
 */
public record Report(String title, String lead, List<Section> sections) {

    /** Copies the sections. */
    public Report {
        sections = List.copyOf(sections);
    }

    /** One part of the page, with its heading and a remark below it, which may be empty. */
    public sealed interface Section permits Table, Folded, Grid, Pairs, Sheets, Chart {
        /** Heading of the section. */
        String title();

        /** A remark in plain text below the heading; empty for none. */
        String note();
    }

    /** A table; the first column holds names, the others numbers. */
    public record Table(String title, String note, List<String> header, List<List<String>> rows)
            implements Section {
        /** Copies the cells. */
        public Table {
            header = List.copyOf(header);
            rows = rows.stream().map(List::copyOf).toList();
            for (var row : rows) {
                if (row.size() != header.size()) {
                    throw new IllegalArgumentException(
                            "report table " + title + ": expected " + header + ", found " + row);
                }
            }
        }
    }

    /**
     * A long table that unfolds.
     *
     * @param summary what can be seen of it before
     * @param header names of the cells, without the picture before them
     */
    public record Folded(
            String title, String note, String summary, List<String> header, List<Row> rows)
            implements Section {
        /** Copies the rows. */
        public Folded {
            header = List.copyOf(header);
            rows = List.copyOf(rows);
        }
    }

    /** One row: a picture where there is one, and texts. */
    public record Row(Optional<Picture> picture, List<String> cells) {
        /** Copies the cells. */
        public Row {
            cells = List.copyOf(cells);
        }
    }

    /** The candidates of some prompts. */
    public record Grid(String title, String note, List<Prompt> prompts) implements Section {
        /** Copies the prompts. */
        public Grid {
            prompts = List.copyOf(prompts);
        }
    }

    /** The same prompts and seeds before and after. */
    public record Pairs(String title, String note, List<Pair> pairs) implements Section {
        /** Copies the pairs. */
        public Pairs {
            pairs = List.copyOf(pairs);
        }
    }

    /** Wide pictures, one beside the other. */
    public record Sheets(String title, String note, List<Picture> pictures) implements Section {
        /** Copies the pictures. */
        public Sheets {
            pictures = List.copyOf(pictures);
        }
    }

    /** Something with two axes. */
    public sealed interface Chart extends Section permits Curve, Bars {
        /** What is to the right. */
        String xLabel();

        /** What is upwards. */
        String yLabel();
    }

    /** How values are spread: all, and those kept. */
    public record Bars(String title, String note, String xLabel, String yLabel, List<Bar> bars)
            implements Chart {
        /** Copies the bars. */
        public Bars {
            bars = List.copyOf(bars);
        }
    }

    /** A value over steps, such as the loss. */
    public record Curve(String title, String note, String xLabel, String yLabel, List<Point> points)
            implements Chart {
        /** Copies the points. */
        public Curve {
            points = List.copyOf(points);
        }
    }

    /** One prompt: pictures always shown, and more that unfold. */
    public record Prompt(String text, String note, List<Picture> shown, List<Picture> folded) {
        /** Copies the pictures. */
        public Prompt {
            shown = List.copyOf(shown);
            folded = List.copyOf(folded);
        }
    }

    /** The pictures of one prompt without and with the adapter, in the same order of seeds. */
    public record Pair(String text, List<Picture> before, List<Picture> after) {
        /** Copies the pictures. */
        public Pair {
            before = List.copyOf(before);
            after = List.copyOf(after);
        }
    }

    /** A PNG with a short label such as its MI. */
    public record Picture(byte[] png, String label, Mark mark) {}

    /** How a picture is framed. */
    public enum Mark {
        NONE,
        BEST,
        WORST,
        RIGHT,
        WRONG
    }

    /** Shares of all values, and of those kept, that lie between two. */
    public record Bar(double from, double to, double all, double kept) {}

    /** One point of a curve. */
    public record Point(double x, double y) {}
}
