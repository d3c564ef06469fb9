package io.mitune.app.evaluate;

import io.mitune.app.cli.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * A CSV file with a score per image, such as one makes from HPS v2: its package returns scores and
 * writes no file, so there is no one form.
 *
 * <p>The head names two columns: the image ({@code image}, {@code image_path}, {@code file_name},
 * {@code path}, {@code question_id}, {@code index}, ...) and the score ({@code hps}, {@code
 * hps_score}, {@code score}, ...); others are passed over. The image is given by its file's name,
 * in whatever folder, or by its index. Stateless.
 */
final class ScoreCsv {
    private static final List<String> IMAGE =
            List.of(
                    "image",
                    "image_path",
                    "image_name",
                    "file",
                    "file_name",
                    "filename",
                    "path",
                    "name",
                    "question_id",
                    "index",
                    "id");
    private static final List<String> SCORE =
            List.of(
                    "hps",
                    "hps_score",
                    "hpsv2",
                    "hps_v2",
                    "hpsv2.1",
                    "hps_v2.1",
                    "hpsv2_score",
                    "score",
                    "answer",
                    "reward",
                    "value");

    private ScoreCsv() {}

    /** Scores by image index. */
    static Map<Integer, Double> read(Path file, List<AlbumImage> images) {
        var lines = records(file);
        var head = lines.get(0).stream().map(cell -> cell.toLowerCase(Locale.ROOT)).toList();
        var imageColumn = column(file, head, IMAGE, "image");
        var scoreColumn = column(file, head, SCORE, "score");
        var byName = new HashMap<String, Integer>();
        images.forEach(image -> byName.put(image.name(), image.index()));
        var scores = new TreeMap<Integer, Double>();
        for (var i = 1; i < lines.size(); i++) {
            var line = lines.get(i);
            var score =
                    line.size() == head.size()
                            ? ScoreCells.number(line.get(scoreColumn))
                            : OptionalDouble.empty();
            if (score.isEmpty()) {
                throw new UserError(
                        "%s: row %d: expected %d cells with a number in %s, found %.80s"
                                .formatted(file, i, head.size(), head.get(scoreColumn), line));
            }
            var image = image(line.get(imageColumn), byName);
            if (image.isEmpty()) {
                throw new UserError(
                        "%s: row %d: expected an image of the album, found %.200s"
                                .formatted(file, i, line.get(imageColumn)));
            }
            ScoreCells.put(scores, file, image.getAsInt(), score.getAsDouble());
        }
        return scores;
    }

    private static OptionalInt image(String cell, Map<String, Integer> byName) {
        var name = cell.strip().replaceFirst(".*[/\\\\]", "");
        if (byName.containsKey(name)) {
            return OptionalInt.of(byName.get(name));
        }
        var digits = name.replaceFirst("[.]png$", "");
        return digits.matches("[0-9]{1,9}")
                ? OptionalInt.of(Integer.parseInt(digits))
                : OptionalInt.empty();
    }

    private static int column(Path file, List<String> head, List<String> names, String what) {
        return names.stream()
                .filter(head::contains)
                .findFirst()
                .map(head::indexOf)
                .orElseThrow(
                        () ->
                                new UserError(
                                        "%s: expected a column for the %s, one of %s, found %.200s"
                                                .formatted(file, what, names, head)));
    }

    /** The records of RFC 4180, with commas, semicolons or tabs, whichever the head has. */
    private static List<List<String>> records(Path file) {
        String text;
        try {
            text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UserError(file + ": expected a readable CSV file, found none", e);
        }
        var body = text.startsWith("\uFEFF") ? text.substring(1) : text;
        var head = body.lines().findFirst().orElse("");
        var comma = head.indexOf(',') >= 0 ? ',' : head.indexOf(';') >= 0 ? ';' : '\t';
        var records = split(body, comma);
        if (records.size() < 2) {
            throw new UserError(file + ": expected a head and rows, found neither or no rows");
        }
        return records;
    }

    private static List<List<String>> split(String text, char comma) {
        var records = new ArrayList<List<String>>();
        var record = new ArrayList<String>();
        var cell = new StringBuilder();
        var quoted = false;
        for (var i = 0; i <= text.length(); i++) {
            var c = i < text.length() ? text.charAt(i) : '\n';
            if (quoted && c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                cell.append(text.charAt(++i));
            } else if (c == '"') {
                quoted = !quoted;
            } else if (!quoted && (c == comma || c == '\n')) {
                record.add(cell.toString().strip());
                cell.setLength(0);
                if (c == '\n') {
                    if (record.size() > 1 || !record.get(0).isEmpty()) {
                        records.add(List.copyOf(record));
                    }
                    record.clear();
                }
            } else {
                cell.append(c);
            }
        }
        return records;
    }
}
