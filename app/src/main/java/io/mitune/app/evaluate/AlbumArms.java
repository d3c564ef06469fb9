package io.mitune.app.evaluate;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.UserError;
import io.mitune.app.evaluate.AlbumOptions.Named;
import io.mitune.app.evaluate.Arm.PromptResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Arms of pictures that are there already, with the scores of other tools joined by image.
 *
 * <p>Folders of one name are one arm: T2I-CompBench wants a folder for each category. Immutable.
 *
 * @param images by arm
 */
record AlbumArms(Map<String, List<ScoredImage>> images) {
    /** Reads, grades and joins. */
    static AlbumArms read(AlbumOptions options, Console console) throws IOException {
        var albums = new LinkedHashMap<String, List<Named>>();
        for (var album : options.albums()) {
            albums.computeIfAbsent(album.title(), name -> new ArrayList<>()).add(album);
        }
        options.blipVqa().forEach(join -> requireOneAlbum(albums, join));
        options.hps().forEach(join -> requireOneAlbum(albums, join));
        var arms = new LinkedHashMap<String, List<ScoredImage>>();
        for (var arm : albums.entrySet()) {
            var images = new ArrayList<ScoredImage>();
            for (var album : arm.getValue()) {
                var joined =
                        JoinedAlbum.read(
                                album.path(),
                                of(options.blipVqa(), arm.getKey()).map(Named::path),
                                of(options.hps(), arm.getKey()).map(Named::path),
                                console);
                for (var image : joined.images()) {
                    images.add(ScoredImage.of(image, joined.scores().get(image.index())));
                }
            }
            arms.put(arm.getKey(), images);
        }
        return new AlbumArms(arms);
    }

    /** The arms side by side; an error unless they are of the same prompts. */
    Comparison comparison() {
        var arms = images.entrySet().stream().map(e -> arm(e.getKey(), e.getValue())).toList();
        var first = arms.get(0);
        for (var arm : arms) {
            if (!texts(arm).equals(texts(first))) {
                throw new UserError(
                        "--album: expected the prompts of %s in %s, found others"
                                .formatted(first.name(), arm.name()));
            }
        }
        return new Comparison(arms);
    }

    private static List<String> texts(Arm arm) {
        return arm.prompts().stream().map(PromptResult::prompt).toList();
    }

    private static Arm arm(String name, List<ScoredImage> images) {
        var results = new ArrayList<PromptResult>();
        for (int from = 0, to; from < images.size(); from = to) {
            to = from + 1;
            while (to < images.size() && samePrompt(images.get(from), images.get(to))) {
                to++;
            }
            results.add(result(images.subList(from, to)));
        }
        return new Arm(name, results);
    }

    private static boolean samePrompt(ScoredImage one, ScoredImage other) {
        return one.image().promptIndex() == other.image().promptIndex()
                && one.image().album().equals(other.image().album());
    }

    private static PromptResult result(List<ScoredImage> images) {
        var first = images.get(0);
        var scores = new LinkedHashMap<String, List<Double>>();
        for (var name : first.scores().keySet()) {
            scores.put(name, images.stream().map(image -> image.score(name)).toList());
        }
        return new PromptResult(
                first.image().prompt(),
                first.image().category(),
                images.stream().flatMap(image -> image.right().stream()).toList(),
                images.stream().map(image -> image.image().mi()).toList(),
                scores);
    }

    private static Optional<Named> of(List<Named> joins, String arm) {
        return joins.stream()
                .filter(join -> join.name().isEmpty() || join.name().get().equals(arm))
                .findFirst();
    }

    private static void requireOneAlbum(Map<String, List<Named>> albums, Named join) {
        var arms = join.name().map(List::of).orElse(List.copyOf(albums.keySet()));
        if (arms.size() != 1 || !albums.containsKey(arms.get(0))) {
            throw new UserError(
                    "%s: expected NAME=FILE with one of %s, found %s"
                            .formatted(
                                    join.path(), albums.keySet(), join.name().orElse("no name")));
        }
        if (albums.get(arms.get(0)).size() > 1) {
            throw new UserError(
                    ("%s: expected one album of this name, found %d; put the file below its album,"
                                    + " as T2I-CompBench does")
                            .formatted(join.path(), albums.get(arms.get(0)).size()));
        }
    }
}
