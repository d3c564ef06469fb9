package io.mitune.app.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.app.cli.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code vqa_result.json}, the form of all results of T2I-CompBench's tools: a list of {@code
 * {"question_id": 0, "answer": "0.6900"}}, the id being the digits of the image's name. Stateless.
 */
final class VqaResult {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Where the tools write below the folder that they are given, by the score's name. */
    private static final Map<String, String> PLACES = new LinkedHashMap<>();

    static {
        PLACES.put("BLIP-VQA", "annotation_blip");
        PLACES.put("UniDet-2D", "labels/annotation_obj_detection_2d");
        PLACES.put("UniDet-3D", "labels/annotation_obj_detection_3d");
        PLACES.put("UniDet-num", "annotation_num");
        PLACES.put("CLIPScore", "annotation_clip");
        PLACES.put("3-in-1", "annotation_3_in_1");
    }

    private VqaResult() {}

    /** The results that the tools left in an album. */
    static Map<String, Path> in(Path album) {
        var found = new LinkedHashMap<String, Path>();
        PLACES.forEach(
                (title, folder) -> {
                    var file = album.resolve(folder).resolve("vqa_result.json");
                    if (Files.isRegularFile(file)) {
                        found.put(title, file);
                    }
                });
        return found;
    }

    /** Scores by image index. */
    static Map<Integer, Double> read(Path file) {
        JsonNode list;
        try {
            list = JSON.readTree(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UserError(
                    file
                            + ": expected vqa_result.json of T2I-CompBench, found something unreadable",
                    e);
        }
        if (!list.isArray() || list.isEmpty()) {
            throw new UserError(
                    file + ": expected a list of question_id and answer, found something else");
        }
        var scores = new TreeMap<Integer, Double>();
        for (var entry : list) {
            var id = entry.path("question_id").asText();
            var answer = ScoreCells.number(entry.path("answer").asText());
            if (!id.matches("[0-9]{1,9}") || answer.isEmpty()) {
                throw new UserError(
                        "%s: expected {\"question_id\": 0, \"answer\": \"0.69\"}, found %.80s"
                                .formatted(file, entry));
            }
            ScoreCells.put(scores, file, Integer.parseInt(id), answer.getAsDouble());
        }
        return scores;
    }
}
