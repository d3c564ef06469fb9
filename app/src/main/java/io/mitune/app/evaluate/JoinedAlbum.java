package io.mitune.app.evaluate;

import io.mitune.app.cli.Console;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The pictures of a folder that {@code generate --mi} made, with what other scorers think of them.
 *
 * <p>The one place that says which files are joined: what T2I-CompBench's tools left in the folder,
 * and what is named besides. Immutable.
 *
 * @param images in order of their index
 * @param scores by name, for each image; NaN where one has none
 */
public record JoinedAlbum(List<AlbumImage> images, List<Map<String, Double>> scores) {
    public static final String BLIP_VQA = "BLIP-VQA";
    public static final String HPS = "HPS";

    /**
     * Reads the folder and joins.
     *
     * @param blipVqa result of BLIP-VQA, where it is not in the folder
     * @param hps CSV file with a score for each image
     */
    public static JoinedAlbum read(
            Path album, Optional<Path> blipVqa, Optional<Path> hps, Console console) {
        var images = AlbumRows.read(album);
        var joins = new Joins(images, console);
        VqaResult.in(album).forEach(joins::addVqa);
        blipVqa.ifPresent(file -> joins.addVqa(BLIP_VQA, file));
        hps.ifPresent(file -> joins.addCsv(HPS, file));
        var scores = images.stream().map(image -> joins.of(image.index())).toList();
        return new JoinedAlbum(images, scores);
    }
}
