package io.mitune.app.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One row an image: what it is, whether it is right, all its scores. Stateless. */
final class ImagesCsv {
    private ImagesCsv() {}

    /** The lines of a file, the head first. */
    static List<String> lines(Map<String, List<ScoredImage>> arms, Iterable<String> scores) {
        var head = new ArrayList<>(List.of("arm", "album", "index", "file_name", "prompt"));
        head.addAll(List.of("category", "right", "mi"));
        scores.forEach(name -> head.add(ComparisonJson.key(name)));
        var lines = new ArrayList<String>();
        lines.add(String.join(",", head));
        arms.forEach((arm, images) -> images.forEach(i -> lines.add(line(arm, i, scores))));
        return lines;
    }

    private static String line(String arm, ScoredImage scored, Iterable<String> scores) {
        var image = scored.image();
        var cells = new ArrayList<>(List.of(arm, image.album().toString()));
        cells.add(Integer.toString(image.index()));
        cells.addAll(List.of(image.fileName(), image.prompt(), image.category()));
        cells.add(scored.right().map(right -> right ? "1" : "0").orElse(""));
        cells.add(number(image.mi()));
        scores.forEach(name -> cells.add(number(scored.score(name))));
        return String.join(",", cells.stream().map(ImagesCsv::quoted).toList());
    }

    private static String number(double value) {
        return Double.isFinite(value) ? Double.toString(value) : "";
    }

    private static String quoted(String cell) {
        return cell.matches("(?s).*[,\"\\r\\n;].*") ? '"' + cell.replace("\"", "\"\"") + '"' : cell;
    }
}
