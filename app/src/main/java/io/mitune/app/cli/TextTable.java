package io.mitune.app.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Lays out rows of cells in columns: the first to the left, the others to the right. Stateless. */
public final class TextTable {
    private static final int GAP = 2;
    private static final int LEAST_FIRST = 20;

    private TextTable() {}

    /** The header, a rule and the rows as lines. */
    public static List<String> lines(List<String> header, List<List<String>> rows) {
        var all = new ArrayList<List<String>>(rows);
        all.add(0, header);
        var widths = new int[header.size()];
        Arrays.setAll(widths, c -> width(header, rows, c));
        var lines = new ArrayList<String>();
        for (var row : all) {
            lines.add(line(row, widths));
        }
        lines.add(1, "-".repeat(lines.stream().mapToInt(String::length).max().orElse(0)));
        return lines;
    }

    /**
     * The same within so many columns: the first one is cut for that, and where little would be
     * left of it, the last ones are left out.
     */
    public static List<String> lines(List<String> header, List<List<String>> rows, int columns) {
        int room = columns;
        int shown = header.size();
        for (var c = 1; c < shown; c++) {
            int width = GAP + width(header, rows, c);
            if (room - width < LEAST_FIRST) {
                shown = c;
            } else {
                room -= width;
            }
        }
        var cut = new ArrayList<List<String>>();
        for (var row : rows) {
            var cells = new ArrayList<>(row.subList(0, shown));
            cells.set(0, cut(row.get(0), room));
            cut.add(cells);
        }
        return lines(header.subList(0, shown), cut);
    }

    private static String cut(String text, int columns) {
        return text.length() <= columns ? text : text.substring(0, columns - 1) + "…";
    }

    private static int width(List<String> header, List<List<String>> rows, int column) {
        int width = header.get(column).length();
        for (var row : rows) {
            width = Math.max(width, row.get(column).length());
        }
        return width;
    }

    private static String line(List<String> row, int[] widths) {
        var line = new StringBuilder();
        for (var c = 0; c < widths.length; c++) {
            var room = " ".repeat(widths[c] - row.get(c).length());
            line.append(c == 0 ? row.get(c) + room : " ".repeat(GAP) + room + row.get(c));
        }
        return line.toString().stripTrailing();
    }
}
