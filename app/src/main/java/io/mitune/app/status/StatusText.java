package io.mitune.app.status;

import com.fasterxml.jackson.databind.JsonNode;
import io.mitune.app.cli.ProgressBar;
import io.mitune.app.cli.TextTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One screen of plain text: what needs a person first, then who works, then the topics.
 *
 * <p>Names and reasons come from records, so no control character of theirs reaches the terminal.
 * Pure.
 */
final class StatusText {
    private static final int MAX_CELL = 60;
    private static final int MAX_WORKERS = 8;
    private static final double SECONDS_PER_HOUR = 3600;
    private static final String NONE = "-";

    private StatusText() {}

    /**
     * @param view see {@link StatusView}
     */
    static List<String> lines(JsonNode view) {
        var lines = new ArrayList<String>();
        lines.add("at        " + Instant.ofEpochMilli(view.path("at").asLong()));
        lines.add("prompts   " + prompts(view));
        lines.add("letters   " + letters(view.path("deadLetters")));
        section(lines, runHeader(), rows(view.path("runs"), StatusText::run));
        section(lines, trainingHeader(), rows(view.path("training"), StatusText::training));
        section(lines, adapterHeader(), rows(view.path("adapters"), StatusText::adapter));
        long now = view.path("at").asLong();
        var workers = rows(view.path("workers").path("workers"), w -> worker(w, now));
        section(
                lines,
                List.of("worker", "rate", "images", "failed", "last seen"),
                workers.subList(0, Math.min(MAX_WORKERS, workers.size())));
        if (workers.size() > MAX_WORKERS) {
            lines.add("and " + (workers.size() - MAX_WORKERS) + " workers that were seen earlier");
        }
        section(
                lines,
                List.of("topic", "records", "rate", "unreadable", "behind"),
                rows(view.path("topics"), t -> topic(t, view.path("groups"))));
        return lines;
    }

    /** The lines that fit: none too long, and as many as there is room for. */
    static List<String> fitting(List<String> lines, int columns, int rows) {
        var shown = new ArrayList<String>();
        for (var line : lines) {
            shown.add(line.substring(0, Math.min(line.length(), columns)));
        }
        if (shown.size() <= rows) {
            return shown;
        }
        var cut = new ArrayList<>(shown.subList(0, Math.max(0, rows - 1)));
        cut.add("... " + (shown.size() - cut.size()) + " more lines");
        return cut;
    }

    private static String prompts(JsonNode view) {
        var p = view.path("prompts");
        var workers = view.path("workers");
        var text =
                "%d open, %d of them begun, %d closed; %d candidates to come"
                        .formatted(
                                p.path("open").asLong(),
                                p.path("started").asLong(),
                                p.path("closed").asLong(),
                                p.path("remaining").asLong());
        return text + ", " + rate(workers.path("perSecond")) + eta(workers.path("eta"));
    }

    private static String eta(JsonNode seconds) {
        return seconds.isNumber() && seconds.asDouble() > 0
                ? ", " + ProgressBar.time(seconds.asDouble()) + " left"
                : "";
    }

    private static String letters(JsonNode letters) {
        long count = letters.path("count").asLong();
        if (count == 0) {
            return "none dead";
        }
        var last = letters.path("latest").path(0);
        return "%d dead; the last of %s: %s"
                .formatted(count, cell(last.path("topic")), cell(last.path("reason")));
    }

    private static List<String> runHeader() {
        return List.of(
                "run",
                "state",
                "round",
                "decided",
                "candidates",
                "left",
                "GPU hours",
                "train",
                "left",
                "ETA",
                "waits");
    }

    private static List<String> run(JsonNode r) {
        return List.of(
                cell(r.path("run")),
                cell(r.path("state")),
                cell(r.path("round")),
                cell(r.path("decidedRound")),
                cell(r.path("samples")),
                cell(r.path("samplesLeft")),
                hours(r.path("seconds")),
                hours(r.path("trainingSeconds")),
                hours(r.path("secondsLeft")),
                time(r.path("eta")),
                cell(r.path("waits")));
    }

    private static List<String> trainingHeader() {
        return List.of("training", "round", "step", "loss", "samples", "staleness");
    }

    private static List<String> training(JsonNode t) {
        return List.of(
                cell(t.path("run")),
                cell(t.path("round")),
                cell(t.path("steps")),
                number(t.path("loss")),
                rate(t.path("samplesPerSecond")),
                cell(t.path("staleness")));
    }

    private static List<String> adapterHeader() {
        return List.of("adapter", "", "status", "round", "samples", "validation MI");
    }

    private static List<String> adapter(JsonNode a) {
        var judged = a.path("evaluation");
        return List.of(
                cell(a.path("run")) + "@" + cell(a.path("version")),
                a.path("inUse").asBoolean() ? "in use" : "",
                cell(a.path("status")),
                cell(a.path("round")),
                cell(a.path("samples")),
                judged.isMissingNode()
                        ? NONE
                        : number(judged.path("mi")) + " ± " + number(judged.path("standardError")));
    }

    private static List<String> worker(JsonNode w, long now) {
        double ago = Math.max(0, now - w.path("lastSeen").asLong()) / 1000.0;
        return List.of(
                cell(w.path("name")),
                rate(w.path("perSecond")),
                cell(w.path("images")),
                cell(w.path("failed")),
                ProgressBar.time(ago) + " ago");
    }

    private static List<String> topic(JsonNode topic, JsonNode groups) {
        var behind = new ArrayList<String>();
        for (var group : groups) {
            if (group.path("topic").equals(topic.path("name"))) {
                behind.add(cell(group.path("group")) + " " + cell(group.path("lag")));
            }
        }
        return List.of(
                cell(topic.path("name")),
                cell(topic.path("records")),
                rate(topic.path("perSecond")),
                cell(topic.path("unreadable")),
                String.join(", ", behind));
    }

    private interface Row {
        List<String> of(JsonNode object);
    }

    private static List<List<String>> rows(JsonNode list, Row row) {
        var rows = new ArrayList<List<String>>();
        list.forEach(object -> rows.add(row.of(object)));
        return rows;
    }

    private static void section(List<String> lines, List<String> header, List<List<String>> rows) {
        if (!rows.isEmpty()) {
            lines.add("");
            lines.addAll(TextTable.lines(header, rows));
        }
    }

    private static String cell(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return NONE;
        }
        var text = value.asText().replaceAll("\\p{Cntrl}", " ");
        return text.length() <= MAX_CELL ? text : text.substring(0, MAX_CELL) + "...";
    }

    private static String number(JsonNode value) {
        return value.isNumber() ? String.format(Locale.ROOT, "%.4f", value.asDouble()) : NONE;
    }

    private static String rate(JsonNode perSecond) {
        return number(perSecond, "%.1f/s");
    }

    private static String hours(JsonNode seconds) {
        return seconds.isNumber()
                ? String.format(Locale.ROOT, "%.3f", seconds.asDouble() / SECONDS_PER_HOUR)
                : NONE;
    }

    private static String time(JsonNode seconds) {
        return seconds.isNumber() ? ProgressBar.time(seconds.asDouble()) : NONE;
    }

    private static String number(JsonNode value, String form) {
        return value.isNumber() ? String.format(Locale.ROOT, form, value.asDouble()) : NONE;
    }
}
