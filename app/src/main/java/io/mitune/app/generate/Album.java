package io.mitune.app.generate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.app.cli.UserError;
import io.mitune.app.cli.WholeOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The output folder of {@code generate}: {@code metadata.jsonl} and what it tells of.
 *
 * <p>A picture counts when its row is there, was made with these very settings, and its file is
 * complete; files are written before rows, and rows are only appended. So a killed run goes on
 * where it was, and a folder of another run is refused and not mixed up. Thread-safe.
 */
final class Album {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path rowsFile;
    private final GenerateSettings settings;
    private final PictureStore store;
    private final SortedMap<Integer, ObjectNode> rows = new TreeMap<>();

    private Album(Path folder, GenerateSettings settings, PictureStore store) {
        this.rowsFile = folder.resolve("metadata.jsonl");
        this.settings = settings;
        this.store = store;
    }

    /** Opens or makes the folder and finds out what is done already. */
    static Album open(Path folder, GenerateSettings settings, PictureStore store)
            throws IOException {
        Files.createDirectories(folder);
        var album = new Album(folder, settings, store);
        if (Files.exists(album.rowsFile)) {
            read(album.rowsFile).lines().forEach(album::take);
        }
        store.open(settings, album.rows.size() == settings.images());
        for (var image : List.copyOf(album.rows.keySet())) {
            if (!store.holds(image)) {
                album.rows.remove(image);
            }
        }
        album.rewrite();
        return album;
    }

    synchronized boolean holds(int image) {
        return rows.containsKey(image);
    }

    synchronized int count() {
        return rows.size();
    }

    /** Writes one picture and its row. */
    synchronized void add(int image, ObjectNode row, Picture picture) throws IOException {
        if (!row.has("failure")) {
            row.put("file_name", store.put(image, picture, row));
        }
        rows.put(image, row);
        Files.writeString(
                rowsFile, row + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Puts the rows in order and completes the files; says how many pictures failed. */
    synchronized long finish() throws IOException {
        var failed = rows.values().stream().filter(row -> row.has("failure")).count();
        rewrite();
        if (failed == 0) {
            store.finish();
        }
        return failed;
    }

    /** The text; a killed run may have left half a letter, which is passed over. */
    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UserError(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** Keeps a row of an earlier run that is whole, good and of these settings. */
    private void take(String line) {
        ObjectNode row;
        try {
            if (!(JSON.readTree(line) instanceof ObjectNode object)) {
                return;
            }
            row = object;
        } catch (JsonProcessingException e) {
            return; // the line that a killed run was writing
        }
        var image = row.path("index").asInt(-1);
        if (row.has("failure") || image < 0) {
            return;
        }
        if (image >= settings.images()) {
            throw other(row, "index", "less than " + settings.images());
        }
        var wanted = ImageRow.settings(settings, image);
        for (var name : (Iterable<String>) wanted::fieldNames) {
            var expected = wanted.get(name).asText();
            if (!row.path(name).asText().equals(expected)) {
                throw other(row, name, expected);
            }
        }
        if (settings.score() == row.has("mi") && row.has("file_name")) {
            rows.put(image, row);
        }
    }

    private UserError other(ObjectNode row, String name, String expected) {
        return new UserError(
                "%s: %s: expected %s as in this run, found %s; choose another --output"
                        .formatted(rowsFile, name, expected, row.path(name).asText("nothing")));
    }

    private void rewrite() throws IOException {
        var lines = new StringBuilder();
        rows.values().forEach(row -> lines.append(row).append('\n'));
        WholeOutput.replace(rowsFile, lines.toString());
    }
}
