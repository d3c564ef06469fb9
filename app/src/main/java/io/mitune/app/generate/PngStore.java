package io.mitune.app.generate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.diffusion.image.Png;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One PNG a picture in {@code samples/}, its settings in text chunks. */
final class PngStore implements PictureStore {
    private static final String FOLDER = "samples";

    private final Path folder;
    private GenerateSettings settings;

    PngStore(Path folder) {
        this.folder = folder;
    }

    @Override
    public void open(GenerateSettings settings, boolean complete) throws IOException {
        this.settings = settings;
        Files.createDirectories(folder.resolve(FOLDER));
    }

    @Override
    public boolean holds(int image) {
        return Files.isRegularFile(folder.resolve(name(image)));
    }

    @Override
    public String put(int image, Picture picture, ObjectNode row) throws IOException {
        Map<String, String> text = new LinkedHashMap<>();
        text.put("prompt", settings.prompt(image));
        if (row.has("mi")) {
            text.put("mi", row.get("mi").asText());
        }
        var parameters = row.deepCopy();
        parameters.remove(List.of("mi_terms", "mi_timesteps"));
        text.put("parameters", parameters.toString());
        var name = name(image);
        Png.write(folder.resolve(name), picture.image().orElseThrow(), text);
        return name;
    }

    @Override
    public void finish() {}

    @Override
    public boolean needsImages() {
        return true;
    }

    private String name(int image) {
        return FOLDER + "/" + ImageNames.of(settings.prompt(image), image);
    }
}
