package io.mitune.app.grading;

/**
 * A blot as the share of paint in each pixel of its bounding box, and how well a shape covers it.
 *
 * <p>Pixels at an edge are part paint and part paper, so area, centroid and overlap are sums of
 * shares and not counts. Immutable; the share array is private to it.
 */
final class SoftBlot {
    private static final int SIDE = SceneDetector.SIDE;

    private final int left;
    private final int top;
    private final int width;
    private final int height;
    private final float[] share;
    private float area;
    private double x;
    private double y;

    private SoftBlot(int left, int top, int width, int height) {
        this.left = left;
        this.top = top;
        this.width = width;
        this.height = height;
        this.share = new float[width * height];
    }

    /** The blot in its bounding box plus one pixel, read as paint of this colour on paper. */
    static SoftBlot of(byte[] rgb, int[] blot, ObjectColor color) {
        var own = new boolean[SIDE * SIDE];
        int x0 = SIDE, x1 = 0, y0 = SIDE, y1 = 0;
        for (var p : blot) {
            own[p] = true;
            x0 = Math.min(x0, p % SIDE);
            x1 = Math.max(x1, p % SIDE);
            y0 = Math.min(y0, p / SIDE);
            y1 = Math.max(y1, p / SIDE);
        }
        x0 = Math.max(0, x0 - 1);
        y0 = Math.max(0, y0 - 1);
        x1 = Math.min(SIDE, x1 + 2);
        y1 = Math.min(SIDE, y1 + 2);
        var soft = new SoftBlot(x0, y0, x1 - x0, y1 - y0);
        soft.measure(rgb, own, color);
        return soft;
    }

    /** Centroid, in pixels from the left edge of the picture. */
    double x() {
        return x;
    }

    /** Centroid, in pixels from the top edge of the picture. */
    double y() {
        return y;
    }

    /**
     * Intersection over union with the shape of the same area and centroid; what of the shape falls
     * outside the box counts as a miss.
     */
    double overlap(ObjectShape shape, int oversampling) {
        var r = (float) Math.sqrt((float) (area / shape.unitArea()));
        var raster = new Raster(width * oversampling, height * oversampling);
        shape.fill(raster, (x - left) * oversampling, (y - top) * oversampling, r * oversampling);
        var template = raster.coverage(oversampling);
        double both = 0, either = 0, whole = 0;
        for (var i = 0; i < template.length; i++) {
            both += Math.min(template[i], share[i]);
            either += Math.max(template[i], share[i]);
            whole += template[i];
        }
        return both / either * Math.min(1, whole / (shape.unitArea() * r * r) + 0.02);
    }

    private void measure(byte[] rgb, boolean[] own, ObjectColor color) {
        double sum = 0, sumX = 0, sumY = 0;
        for (var i = 0; i < share.length; i++) {
            var px = left + i % width;
            var py = top + i / width;
            if (touches(own, px, py)) {
                share[i] = paint(rgb, py * SIDE + px, color);
                sum += share[i];
                sumX += share[i] * (px + 0.5);
                sumY += share[i] * (py + 0.5);
            }
        }
        area = (float) sum;
        x = sumX / area;
        y = sumY / area;
    }

    /** Whether the pixel or one of its four neighbours is of the blot. */
    private static boolean touches(boolean[] own, int x, int y) {
        var p = y * SIDE + x;
        return own[p]
                || (x > 0 && own[p - 1])
                || (x < SIDE - 1 && own[p + 1])
                || (y > 0 && own[p - SIDE])
                || (y < SIDE - 1 && own[p + SIDE]);
    }

    /** How far the pixel is from paper towards the colour, 0 to 1. */
    private static float paint(byte[] rgb, int pixel, ObjectColor color) {
        float along = 0, length = 0;
        for (var c = 0; c < 3; c++) {
            var direction = color.level(c) - ObjectColor.PAPER;
            along += ((rgb[3 * pixel + c] & 0xff) - ObjectColor.PAPER) * direction;
            length += direction * direction;
        }
        return Math.max(0, Math.min(1, along / length));
    }
}
