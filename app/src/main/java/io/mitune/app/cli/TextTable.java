package io.mitune.app.cli;

import java.util.ArrayList;
import java.util.List;

/** Lays out rows of cells in columns: the first to the left, the others to the right. Stateless. */
public final class TextTable {
    private TextTable() {}

    /** The header, a rule and the rows as lines. */
    public static List<String> lines(List<String> header, List<List<String>> rows) {
        var all = new ArrayList<List<String>>(rows);
        all.add(0, header);
        var widths = new int[header.size()];
        for (var row : all) {
            for (var c = 0; c < widths.length; c++) {
                widths[c] = Math.max(widths[c], row.get(c).length());
            }
        }
        var lines = new ArrayList<String>();
        for (var row : all) {
            lines.add(line(row, widths));
        }
        lines.add(1, "-".repeat(lines.stream().mapToInt(String::length).max().orElse(0)));
        return lines;
    }

    private static String line(List<String> row, int[] widths) {
        var line = new StringBuilder();
        for (var c = 0; c < widths.length; c++) {
            var room = " ".repeat(widths[c] - row.get(c).length());
            line.append(c == 0 ? row.get(c) + room : "  " + room + row.get(c));
        }
        return line.toString().stripTrailing();
    }
}
