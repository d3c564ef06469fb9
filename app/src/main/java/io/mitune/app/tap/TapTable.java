package io.mitune.app.tap;

import com.fasterxml.jackson.databind.JsonNode;
import io.mitune.app.cli.ErrorLine;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Records as a table for people: when, the fields of {@link TapColumns} that fit into the width,
 * and where the record lies if there is room.
 *
 * <p>Widths follow from the kinds of fields alone, since records are printed as they come.
 * Immutable.
 */
final class TapTable implements TapFormat {
    private static final String TIME = "timestamp";
    private static final String PLACE = "partition:offset";

    /** Sentences, which take the room that is left. */
    private static final Set<String> LONG = Set.of("text", "reason", "message");

    private static final int GAP = 2;
    private static final int TIME_WIDTH = 20;
    private static final int NUMBER_WIDTH = 8;
    private static final int WORD_WIDTH = 12;
    private static final int LONG_WIDTH = 20;

    private record Column(String path, int width, boolean right) {
        static Column of(String path, Optional<FieldKind> kind) {
            var title = title(path);
            boolean isNumber = kind.equals(Optional.of(FieldKind.NUMBER));
            int least = LONG.contains(title) ? LONG_WIDTH : isNumber ? NUMBER_WIDTH : WORD_WIDTH;
            return new Column(path, Math.max(least, title.length()), isNumber);
        }

        private static String title(String path) {
            return path.substring(path.lastIndexOf('.') + 1);
        }

        String title() {
            return title(path);
        }

        Column widened(int by) {
            return new Column(path, width + by, right);
        }
    }

    private final List<Column> columns = new ArrayList<>();

    /**
     * @param topic its name without prefix
     */
    TapTable(String topic, Map<String, FieldKind> fields, int width) {
        columns.add(new Column(TIME, TIME_WIDTH, false));
        int left = width - TIME_WIDTH;
        for (var path : TapColumns.of(topic)) {
            var column = Column.of(path, Optional.ofNullable(fields.get(path)));
            if (columns.size() == 1 || left >= column.width() + GAP) {
                columns.add(column);
                left -= column.width() + GAP;
            }
        }
        if (left >= PLACE.length() + GAP) {
            columns.add(new Column(PLACE, PLACE.length(), false));
            left -= PLACE.length() + GAP;
        }
        widen(Math.max(0, left));
    }

    private void widen(int room) {
        for (int c = 0; c < columns.size(); c++) {
            if (LONG.contains(columns.get(c).title())) {
                columns.set(c, columns.get(c).widened(room));
                return;
            }
        }
    }

    @Override
    public List<String> header() {
        var names = join(columns.stream().map(Column::title).toList());
        return List.of(names, "-".repeat(names.length()));
    }

    @Override
    public String line(JsonNode record) {
        if (record.has("unreadable")) {
            return "%s  %s: unreadable: %s"
                    .formatted(
                            cell(record, TIME),
                            cell(record, PLACE),
                            ErrorLine.clean(record.get("unreadable").asText()));
        }
        var cells = new ArrayList<String>();
        for (var column : columns) {
            cells.add(cell(record, column.path()));
        }
        return join(cells);
    }

    private static String cell(JsonNode record, String path) {
        return switch (path) {
            case TIME -> record.path(TIME).asText().replaceFirst("\\.\\d+Z$", "Z");
            case PLACE -> record.path("partition").asText() + ":" + record.path("offset");
            default -> text(FieldPath.in(record, path));
        };
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
