package io.mitune.app.survey;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.mitune.app.cli.Console;
import io.mitune.app.generate.ImageNames;
import io.mitune.diffusion.image.Png;
import io.mitune.diffusion.image.RgbImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** Folders as {@code generate --mi} writes them, with pictures of one colour. */
final class SurveyAlbums {
    static final String[] PROMPTS = {"a red cat", "a green dog", "a <big> cube", "a \"flat\" cone"};
    private static final int SIDE = 8;

    private SurveyAlbums() {}

    /** A console that nobody reads. */
    static Console nowhere() {
        var nothing = new PrintWriter(new StringWriter());
        return new Console(nothing, nothing, false, 80);
    }

    /**
     * @param mi of each image, as many of each prompt
     */
    static Path write(Path folder, String run, int version, double... mi) throws IOException {
        Files.createDirectories(folder.resolve("samples"));
        var lines = new StringBuilder();
        for (var i = 0; i < mi.length; i++) {
            var prompt = i / (mi.length / PROMPTS.length);
            var name = "samples/" + ImageNames.of(PROMPTS[prompt], i);
            var pixels = new byte[SIDE * SIDE * 3];
            Arrays.fill(pixels, (byte) (int) (20 * mi[i]));
            var text = Map.of("adapter", "secret-adapter");
            Png.write(folder.resolve(name), new RgbImage(SIDE, SIDE, pixels), text);
            var row = JsonNodeFactory.instance.objectNode();
            row.put("index", i).put("prompt_index", prompt).put("prompt", PROMPTS[prompt]);
            row.put("category", prompt < 2 ? "color" : "shape").put("mi_estimator", "official");
            row.put("adapter_run", run).put("adapter_version", version);
            lines.append(row.put("file_name", name).put("mi", mi[i])).append('\n');
        }
        Files.writeString(folder.resolve("metadata.jsonl"), lines);
        return folder;
    }
}
