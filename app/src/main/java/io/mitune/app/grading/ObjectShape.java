package io.mitune.app.grading;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The six shapes of the drawn scenes; each knows how to fill itself on a raster.
 *
 * <p>The factors make shapes of the same nominal radius look equally large. They are those that the
 * training pictures were drawn with, so they must not change.
 */
public enum ObjectShape {
    CIRCLE(3.1689) {
        @Override
        void fill(Raster raster, double cx, double cy, float r) {
            raster.fillEllipse(cx, cy, r, true);
        }
    },
    SQUARE(3.1329) {
        @Override
        void fill(Raster raster, double cx, double cy, float r) {
            raster.fillRectangle(cx, cy, r * 0.88f, r * 0.88f);
        }
    },
    TRIANGLE(2.1517) {
        @Override
        void fill(Raster raster, double cx, double cy, float r) {
            raster.fillPolygon(corners(cx, cy, new float[] {r * 1.28f, r * 1.28f, r * 1.28f}));
        }
    },
    STAR(2.0845) {
        @Override
        void fill(Raster raster, double cx, double cy, float r) {
            var radii = new float[10];
            for (var k = 0; k < radii.length; k++) {
                radii[k] = r * (k % 2 == 0 ? 1.32f : 0.53f);
            }
            raster.fillPolygon(corners(cx, cy, radii));
        }
    },
    CROSS(2.7083) {
        @Override
        void fill(Raster raster, double cx, double cy, float r) {
            raster.fillRectangle(cx, cy, r * 0.36f, r * 1.1f);
            raster.fillRectangle(cx, cy, r * 1.1f, r * 0.36f);
        }
    },
    RING(2.7296) {
        @Override
        void fill(Raster raster, double cx, double cy, float r) {
            raster.fillEllipse(cx, cy, r * 1.08f, true);
            raster.fillEllipse(cx, cy, r * 0.55f, false);
        }
    };

    private final double unitArea;

    ObjectShape(double unitArea) {
        this.unitArea = unitArea;
    }

    /** Fills the shape of nominal radius r around a centre, all in raster pixels. */
    abstract void fill(Raster raster, double cx, double cy, float r);

    /** Filled pixels of the shape of radius 100, over 100 squared: what a raster makes of it. */
    double unitArea() {
        return unitArea;
    }

    /** Its English name; {@link #plural()} for two and more. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Its English plural. */
    public String plural() {
        return word() + (this == CROSS ? "es" : "s");
    }

    /** The shape with this English name. */
    static Optional<ObjectShape> named(String word) {
        return Arrays.stream(values()).filter(s -> s.word().equals(word)).findFirst();
    }

    /** The shape with this English plural. */
    static Optional<ObjectShape> namedPlural(String word) {
        return Arrays.stream(values()).filter(s -> s.plural().equals(word)).findFirst();
    }

    /** Corners at equal angles, clockwise from the top: x, y, x, y, ... cut to whole pixels. */
    private static int[] corners(double cx, double cy, float[] radii) {
        var points = new int[2 * radii.length];
        for (var k = 0; k < radii.length; k++) {
            var angle = 2 * Math.PI * k / radii.length;
            points[2 * k] = (int) (cx + radii[k] * (float) Math.sin(angle));
            points[2 * k + 1] = (int) (cy - radii[k] * (float) Math.cos(angle));
        }
        return points;
    }
}
