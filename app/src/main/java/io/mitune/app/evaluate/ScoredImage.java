package io.mitune.app.evaluate;

import io.mitune.app.grading.Grade;
import io.mitune.app.grading.Scene;
import io.mitune.app.grading.SceneDetector;
import io.mitune.diffusion.image.Png;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * A picture of an album with its grade and what other scorers think of it. Immutable.
 *
 * @param image the picture
 * @param right whether everything is right; empty when it cannot be graded
 * @param scores by name
 */
record ScoredImage(AlbumImage image, Optional<Boolean> right, Map<String, Double> scores) {

    /** Grades a picture of a drawn scene; any other is left as it is. */
    static ScoredImage of(AlbumImage image, Map<String, Double> scores) throws IOException {
        var scene = Scene.parse(image.prompt());
        if (scene.isEmpty() || !image.fileName().endsWith(".png")) {
            return new ScoredImage(image, Optional.empty(), scores);
        }
        var picture = Png.read(image.file()).image();
        var isScene =
                picture.width() == SceneDetector.SIDE && picture.height() == SceneDetector.SIDE;
        return new ScoredImage(
                image,
                isScene
                        ? Optional.of(Grade.of(scene.get(), picture.pixels()).right())
                        : Optional.empty(),
                scores);
    }

    /** A score; NaN when the picture has none of this name. */
    double score(String name) {
        return scores.getOrDefault(name, Double.NaN);
    }
}
