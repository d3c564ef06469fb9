package io.mitune.app.grading;

import java.util.Optional;

/**
 * One blot of paint that was found in a picture. Immutable.
 *
 * @param color its colour, empty when no palette colour has enough of it
 * @param shape its shape, empty when no template fits well enough
 * @param x centroid from the left edge, in pixels
 * @param y centroid from the top edge, in pixels
 * @param fit overlap with the best template, 0 to 1
 * @param purity share of the pixels that vote for the colour
 */
public record DetectedObject(
        Optional<ObjectColor> color,
        Optional<ObjectShape> shape,
        double x,
        double y,
        double fit,
        double purity) {

    /** What it is, if both its colour and its shape can be read. */
    public Optional<Scene.Item> item() {
        return color.flatMap(c -> shape.map(s -> new Scene.Item(c, s)));
    }

    static DetectedObject speck(double x, double y) {
        return new DetectedObject(Optional.empty(), Optional.empty(), x, y, 0, 0);
    }
}
