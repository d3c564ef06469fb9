package io.mitune.app.evaluate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.app.cli.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code metadata.jsonl} of a folder that {@code generate} made. Stateless. */
public final class AlbumRows {
    /** The file in such a folder. */
    public static final String FILE = "metadata.jsonl";

    private static final ObjectMapper JSON = new ObjectMapper();

    private AlbumRows() {}

    /** All pictures with their scores, in order; an error when one is missing. */
    static List<AlbumImage> read(Path album) {
        return read(album, true);
    }

    /** All pictures, in order, with or without scores; an error when one is missing. */
    public static List<AlbumImage> readUnscored(Path album) {
        return read(album, false);
    }

    private static List<AlbumImage> read(Path album, boolean scored) {
        var file = album.resolve(FILE);
        var images = new ArrayList<AlbumImage>();
        for (var line : text(file).lines().toList()) {
            var image = image(album, row(file, images.size() + 1, line, scored), line);
            if (image.index() != images.size()) {
                throw new UserError(
                        "%s: line %d: expected index %d, found %d; run generate again"
                                .formatted(file, images.size() + 1, images.size(), image.index()));
            }
            images.add(image);
        }
        if (images.isEmpty()) {
            throw new UserError(file + ": expected pictures, found none; run generate again");
        }
        return images;
    }

    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UserError(
                    "%s: expected what generate writes, found %s"
                            .formatted(
                                    file,
                                    Files.exists(file)
                                            ? "something unreadable: " + e.getMessage()
                                            : "none"),
                    e);
        }
    }

    private static JsonNode row(Path file, int line, String text, boolean scored) {
        JsonNode row;
        try {
            row = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            row = JSON.missingNode();
        }
        var whole =
                row.path("index").canConvertToInt()
                        && row.path("prompt_index").canConvertToInt()
                        && row.path("prompt").isTextual()
                        && (row.path("file_name").isTextual() || row.has("failure"));
        if (!whole) {
            throw new UserError(
                    "%s: line %d: expected a row of generate, found '%.40s'; run generate again"
                            .formatted(file, line, text));
        }
        if (scored && !row.path("mi_estimator").isTextual()) {
            throw new UserError(file + ": expected scores, found none; run generate --mi");
        }
        return row;
    }

    private static AlbumImage image(Path album, JsonNode row, String line) {
        return new AlbumImage(
                album,
                row.path("index").asInt(),
                row.path("prompt_index").asInt(),
                row.path("prompt").asText(),
                row.path("category").asText(),
                row.path("file_name").asText(),
                row.path("mi").asDouble(Double.NaN),
                row.path("adapter_run").asText(""),
                row.path("adapter_version").asInt(0),
                line);
    }
}
