package io.mitune.app.evaluate;

import io.mitune.app.cli.UserError;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalDouble;

/** What files with scores of images have in common. Stateless. */
final class ScoreCells {
    private ScoreCells() {}

    /** A finite number; nothing for any other text. */
    static OptionalDouble number(String text) {
        try {
            var value = Double.parseDouble(text.strip());
            return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
        } catch (NumberFormatException e) {
            return OptionalDouble.empty();
        }
    }

    /** Adds a score; an error when the image has another one already. */
    static void put(Map<Integer, Double> scores, Path file, int image, double score) {
        var before = scores.putIfAbsent(image, score);
        if (before != null && before != score) {
            throw new UserError(
                    "%s: image %d: expected one score, found %s and %s"
                            .formatted(file, image, before, score));
        }
    }
}
