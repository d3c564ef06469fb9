package io.mitune.app.grading;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the painted objects in a picture of a drawn scene.
 *
 * <p>Pixels far from the paper form 4-connected blots. The colour is a vote of the pixels that are
 * nearer to a palette colour than to the paper; the shape is the template of the same area and
 * centroid that overlaps best. Exact on drawings, and tolerant of the blur that a VAE leaves: this
 * is what makes "is every object there" a measurement and not a model's opinion. Stateless.
 */
public final class SceneDetector {
    /** Pictures are squares of this side. */
    public static final int SIDE = 64;

    private static final int PIXELS = SIDE * SIDE;
    private static final int OVERSAMPLING = 4;
    private static final int INK_DISTANCE = 55;
    private static final int SPECK_DISTANCE = 110;
    private static final int MIN_SPECK = 6;
    private static final int MIN_AREA = 14;
    private static final int MIN_CORE = 5;
    private static final double MIN_FIT = 0.72;
    private static final double MIN_PURITY = 0.75;

    private SceneDetector() {}

    /**
     * The objects of one picture.
     *
     * @param rgb [64, 64, 3] bytes 0 to 255
     */
    public static List<DetectedObject> detect(byte[] rgb) {
        if (rgb.length != 3 * PIXELS) {
            throw new IllegalArgumentException(
                    "grader: expected a picture of 64 x 64 x 3 bytes, found " + rgb.length);
        }
        var ink = new boolean[PIXELS];
        for (var p = 0; p < PIXELS; p++) {
            ink[p] = paperDistance(rgb, p) > INK_DISTANCE * INK_DISTANCE;
        }
        var found = new ArrayList<DetectedObject>();
        for (var blot : Blots.of(ink, SIDE)) {
            read(rgb, blot).ifPresent(found::add);
        }
        return found;
    }

    private static Optional<DetectedObject> read(byte[] rgb, int[] blot) {
        if (blot.length < MIN_AREA) {
            return speck(rgb, blot);
        }
        var votes = votes(rgb, blot, true);
        if (sum(votes) < MIN_CORE) {
            votes = votes(rgb, blot, false);
        }
        var best = 0;
        for (var c = 1; c < votes.length; c++) {
            best = votes[c] > votes[best] ? c : best;
        }
        var color = ObjectColor.values()[best];
        var purity = votes[best] / (double) Math.max(1, sum(votes));
        var soft = SoftBlot.of(rgb, blot, color);
        Optional<ObjectShape> shape = Optional.empty();
        var fit = 0.0;
        for (var candidate : ObjectShape.values()) {
            var overlap = soft.overlap(candidate, OVERSAMPLING);
            if (overlap > fit) {
                fit = overlap;
                shape = Optional.of(candidate);
            }
        }
        return Optional.of(
                new DetectedObject(
                        purity >= MIN_PURITY ? Optional.of(color) : Optional.empty(),
                        fit >= MIN_FIT ? shape : Optional.empty(),
                        soft.x(),
                        soft.y(),
                        fit,
                        purity));
    }

    /** A blot too small to read: an object of unknown kind if it is strong, noise if not. */
    private static Optional<DetectedObject> speck(byte[] rgb, int[] blot) {
        var strongest = 0;
        var x = 0.0;
        var y = 0.0;
        for (var p : blot) {
            strongest = Math.max(strongest, paperDistance(rgb, p));
            x += p % SIDE;
            y += p / SIDE;
        }
        if (blot.length < MIN_SPECK || strongest <= SPECK_DISTANCE * SPECK_DISTANCE) {
            return Optional.empty();
        }
        return Optional.of(DetectedObject.speck(x / blot.length, y / blot.length));
    }

    /** Votes for the palette colours; of the core only, or of all pixels of the blot. */
    private static int[] votes(byte[] rgb, int[] blot, boolean coreOnly) {
        var votes = new int[ObjectColor.values().length];
        for (var p : blot) {
            var nearest = 0;
            var least = Integer.MAX_VALUE;
            for (var color : ObjectColor.values()) {
                var distance = distance(rgb, p, color);
                if (distance < least) {
                    least = distance;
                    nearest = color.ordinal();
                }
            }
            // in the core the colour is less than half as far as the paper (these are squares)
            if (!coreOnly || 4 * least < paperDistance(rgb, p)) {
                votes[nearest]++;
            }
        }
        return votes;
    }

    private static int distance(byte[] rgb, int pixel, ObjectColor color) {
        var sum = 0;
        for (var c = 0; c < 3; c++) {
            var d = (rgb[3 * pixel + c] & 0xff) - color.level(c);
            sum += d * d;
        }
        return sum;
    }

    private static int paperDistance(byte[] rgb, int pixel) {
        var sum = 0;
        for (var c = 0; c < 3; c++) {
            var d = (rgb[3 * pixel + c] & 0xff) - ObjectColor.PAPER;
            sum += d * d;
        }
        return sum;
    }

    private static int sum(int[] votes) {
        var sum = 0;
        for (var v : votes) {
            sum += v;
        }
        return sum;
    }
}
