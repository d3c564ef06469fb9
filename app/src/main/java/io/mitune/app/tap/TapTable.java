package io.mitune.app.tap;

import com.fasterxml.jackson.databind.JsonNode;
import io.mitune.app.cli.ErrorLine;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Records as a table for people: the fields that fit into the width, most telling first.
 *
 * <p>Widths follow from the kinds of fields alone, since records are printed as they come.
 * Immutable.
 */
final class TapTable implements TapFormat {
    /** What people look for, in this order; a topic shows those that it has. */
    private static final List<String> TELLING =
            List.of(
                    "promptId",
                    "run",
                    "name",
                    "version",
                    "round",
                    "step",
                    "batch",
                    "index",
                    "rank",
                    "kept",
                    "mi",
                    "margin",
                    "meanMi",
                    "loss",
                    "gradientNorm",
                    "learningRate",
                    "status",
                    "category",
                    "adapterVersion",
                    "candidates",
                    "failure",
                    "reason",
                    "bytes",
                    "text");

    private static final int GAP = 2;
    private static final int NARROW = 9;
    private static final int WIDE = 14;
    private static final int LEAST_LAST = 20;

    private record Column(String path, int width, boolean right) {}

    private final List<Column> columns = new ArrayList<>();

    TapTable(Map<String, FieldKind> fields, int width) {
        columns.add(new Column("timestamp", 24, false));
        columns.add(new Column("partition", NARROW, true));
        columns.add(new Column("offset", NARROW, true));
        var left = width - 24 - 2 * (NARROW + GAP);
        for (var path : TELLING) {
            var kind = fields.get(path);
            if (kind == null) {
                continue;
            }
            var isNumber = kind == FieldKind.NUMBER;
            var needs = Math.max(isNumber ? NARROW : WIDE, path.length());
            if (left >= needs + GAP) {
                columns.add(new Column(path, needs, isNumber));
                left -= needs + GAP;
            }
        }
        var last = columns.get(columns.size() - 1);
        if (!last.right()) {
            var all = Math.max(last.width() + left, Math.min(LEAST_LAST, last.width()));
            columns.set(columns.size() - 1, new Column(last.path(), all, false));
        }
    }

    @Override
    public List<String> header() {
        var names = join(columns.stream().map(Column::path).toList());
        return List.of(names, "-".repeat(names.length()));
    }

    @Override
    public String line(JsonNode record) {
        if (record.has("unreadable")) {
            return "%s  %s: unreadable: %s"
                    .formatted(
                            record.path("timestamp").asText(),
                            record.path("partition").asText() + ":" + record.path("offset"),
                            ErrorLine.clean(record.get("unreadable").asText()));
        }
        var cells = new ArrayList<String>();
        for (var column : columns) {
            cells.add(text(FieldPath.in(record, column.path())));
        }
        return join(cells);
    }

    private static String text(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return "-";
        }
        if (node.isFloatingPointNumber()) {
            return String.format(Locale.ROOT, "%.5g", node.doubleValue());
        }
        return ErrorLine.clean(node.isContainerNode() ? node.toString() : node.asText());
    }

    private String join(List<String> cells) {
        var line = new StringBuilder();
        for (var c = 0; c < cells.size(); c++) {
            var column = columns.get(c);
            var text = cells.get(c);
            var cut =
                    text.length() > column.width()
                            ? text.substring(0, column.width() - 1) + "…"
                            : text;
            var room = " ".repeat(column.width() - cut.length());
            line.append(c == 0 ? "" : " ".repeat(GAP));
            line.append(column.right() ? room + cut : cut + room);
        }
        return line.toString().stripTrailing();
    }
}
