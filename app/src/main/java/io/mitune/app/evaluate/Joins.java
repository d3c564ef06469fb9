package io.mitune.app.evaluate;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.UserError;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The scores of other tools for the pictures of one album, by name and then by image index.
 *
 * <p>A score for an image that is not there means that the file belongs to other pictures, which is
 * an error; an image without a score is told and left out. Belongs to one thread.
 */
final class Joins {
    private static final int SHOWN = 5;

    private final List<AlbumImage> images;
    private final Console console;
    private final Map<String, Map<Integer, Double>> scores = new LinkedHashMap<>();

    Joins(List<AlbumImage> images, Console console) {
        this.images = images;
        this.console = console;
    }

    void addVqa(String name, Path file) {
        add(name, file, VqaResult.read(file));
    }

    void addCsv(String name, Path file) {
        add(name, file, ScoreCsv.read(file, images));
    }

    /** What all scorers think of an image. */
    Map<String, Double> of(int image) {
        var found = new LinkedHashMap<String, Double>();
        scores.forEach((name, byImage) -> found.put(name, byImage.getOrDefault(image, Double.NaN)));
        return found;
    }

    private void add(String name, Path file, Map<Integer, Double> byImage) {
        var broken = images.stream().filter(image -> image.fileName().isEmpty()).count();
        if (broken > 0) {
            throw new UserError(
                    "%s: expected all pictures, since tools count those that are there, found %d"
                                    .formatted(images.get(0).album(), broken)
                            + " that broke down");
        }
        var unknown = byImage.keySet().stream().filter(id -> id >= images.size()).toList();
        if (!unknown.isEmpty()) {
            throw new UserError(
                    "%s: expected scores of the %d images of %s, found %d others: %s"
                            .formatted(
                                    file,
                                    images.size(),
                                    images.get(0).album(),
                                    unknown.size(),
                                    some(unknown)));
        }
        var missing =
                images.stream()
                        .map(AlbumImage::index)
                        .filter(index -> !byImage.containsKey(index))
                        .toList();
        if (!missing.isEmpty()) {
            console.remark(
                    "%s: no score for %d of %d images: %s"
                            .formatted(file, missing.size(), images.size(), some(missing)));
        }
        scores.put(name, byImage);
    }

    private static String some(List<Integer> ids) {
        var shown =
                ids.stream().limit(SHOWN).map(String::valueOf).collect(Collectors.joining(", "));
        return ids.size() > SHOWN ? shown + ", ..." : shown;
    }
}
