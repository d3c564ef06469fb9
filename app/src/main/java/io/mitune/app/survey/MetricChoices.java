package io.mitune.app.survey;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.UserError;
import io.mitune.app.evaluate.AlbumImage;
import io.mitune.app.evaluate.JoinedAlbum;
import io.mitune.schemas.Identity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Questions between metrics: of all pictures of a prompt, those that MI, BLIP-VQA and HPS rank
 * best. A prompt that some metric cannot rank is not asked. Stateless.
 */
final class MetricChoices {
    private static final String MI = "mi";
    private static final Map<String, String> JOINED = new LinkedHashMap<>();

    static {
        JOINED.put("blip", JoinedAlbum.BLIP_VQA);
        JOINED.put("hps", JoinedAlbum.HPS);
    }

    private MetricChoices() {}

    /** The questions of albums that have the same metrics. */
    static List<Question> of(List<JoinedAlbum> albums, Console console) {
        var metrics = new ArrayList<>(List.of(MI));
        JOINED.forEach(
                (name, score) -> {
                    var with = albums.stream().filter(a -> has(a, score)).count();
                    if (with > 0 && with < albums.size()) {
                        throw new UserError(
                                "--album: expected %s scores of all %d folders, found those of %d"
                                        .formatted(score, albums.size(), with));
                    }
                    if (with > 0) {
                        metrics.add(name);
                    }
                });
        if (metrics.size() < 2) {
            throw new UserError(
                    "--album: expected scores of BLIP-VQA or HPS beside the MI, found none; see"
                            + " --join-blip-vqa and --join-hps");
        }
        var questions = new ArrayList<Question>();
        var unranked = 0;
        for (var album : albums) {
            for (var images : byPrompt(album).values()) {
                var question = question(album, images, metrics);
                question.ifPresent(questions::add);
                unranked += question.isPresent() ? 0 : 1;
            }
        }
        if (unranked > 0) {
            console.remark(unranked + " prompts are not asked: a metric has no score for them");
        }
        return questions;
    }

    private static boolean has(JoinedAlbum album, String score) {
        return album.scores().get(0).containsKey(score);
    }

    private static Map<Integer, List<AlbumImage>> byPrompt(JoinedAlbum album) {
        var prompts = new LinkedHashMap<Integer, List<AlbumImage>>();
        for (var image : album.images()) {
            prompts.computeIfAbsent(image.promptIndex(), p -> new ArrayList<>()).add(image);
        }
        return prompts;
    }

    private static Optional<Question> question(
            JoinedAlbum album, List<AlbumImage> images, List<String> metrics) {
        var exhibits = new ArrayList<Exhibit>();
        for (var metric : metrics) {
            best(images, image -> score(album, image, metric))
                    .ifPresent(image -> exhibits.add(Exhibit.of(metric, image)));
        }
        var first = images.get(0);
        return exhibits.size() < metrics.size()
                ? Optional.empty()
                : Optional.of(
                        Question.of(
                                "metrics",
                                Identity.textId(first.prompt()),
                                first.prompt(),
                                first.category(),
                                exhibits));
    }

    /** Of equal ones the first. */
    private static Optional<AlbumImage> best(
            List<AlbumImage> images, ToDoubleFunction<AlbumImage> score) {
        return images.stream()
                .filter(image -> image.fileName().endsWith(".png"))
                .filter(image -> Double.isFinite(score.applyAsDouble(image)))
                .max(
                        Comparator.comparingDouble(score)
                                .thenComparing(Comparator.comparing(AlbumImage::index).reversed()));
    }

    private static double score(JoinedAlbum album, AlbumImage image, String metric) {
        return metric.equals(MI)
                ? image.mi()
                : album.scores().get(image.index()).getOrDefault(JOINED.get(metric), Double.NaN);
    }
}
