package io.mitune.app.generate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.app.cli.UserError;
import io.mitune.diffusion.image.Png;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One PNG a picture in {@code samples/}, its settings in text chunks. */
final class PngStore implements PictureStore {
    private static final String FOLDER = "samples";
    private static final String PARTIAL = ".partial";

    private final Path folder;
    private GenerateSettings settings;

    PngStore(Path folder) {
        this.folder = folder;
    }

    @Override
    public String type() {
        return "png";
    }

    @Override
    public void open(GenerateSettings settings, boolean complete) throws IOException {
        this.settings = settings;
        var samples = Files.createDirectories(folder.resolve(FOLDER));
        var ours = new HashSet<String>();
        for (var image = 0; image < settings.images(); image++) {
            ours.add(ImageNames.of(settings.prompt(image), image));
        }
        try (var files = Files.newDirectoryStream(samples)) {
            for (var file : files) {
                requireOurs(file, ours);
            }
        }
    }

    @Override
    public boolean holds(int image) throws IOException {
        var file = folder.resolve(name(image));
        return Files.isRegularFile(file) && Png.isWhole(file);
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
    public void finish() throws IOException {
        new CompBenchManifest(settings.prompts(), settings.perPrompt()).write(folder);
    }

    @Override
    public boolean needsImages() {
        return true;
    }

    /** Tools that read the folder take every file for a picture of it. */
    private static void requireOurs(Path file, Set<String> ours) throws IOException {
        var name = file.getFileName().toString();
        if (ours.contains(name)) {
            return;
        }
        if (name.endsWith(PARTIAL) && ours.contains(name.replace(PARTIAL, ""))) {
            Files.delete(file); // a killed run was writing it
            return;
        }
        throw new UserError(
                file
                        + ": expected pictures of this run only; choose another --output or remove it");
    }

    private String name(int image) {
        return FOLDER + "/" + ImageNames.of(settings.prompt(image), image);
    }
}
