package io.mitune.app.grading;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;

/** Pictures for the grader's tests: the committed sheet, and drawings made here. */
final class Pictures {
    private static final int SIDE = SceneDetector.SIDE;
    private static final int OVERSAMPLING = 4;

    private Pictures() {}

    /** The tiles of a committed sheet, row by row. */
    static List<byte[]> sheet(String resource) throws IOException {
        BufferedImage sheet;
        try (var in = Pictures.class.getResourceAsStream(resource)) {
            sheet = ImageIO.read(in);
        }
        var tiles = new ArrayList<byte[]>();
        for (var y = 0; y < sheet.getHeight(); y += SIDE) {
            for (var x = 0; x < sheet.getWidth(); x += SIDE) {
                tiles.add(tile(sheet, x, y));
            }
        }
        return tiles;
    }

    private static byte[] tile(BufferedImage sheet, int left, int top) {
        var rgb = new byte[3 * SIDE * SIDE];
        for (var p = 0; p < SIDE * SIDE; p++) {
            var pixel = sheet.getRGB(left + p % SIDE, top + p / SIDE);
            for (var c = 0; c < 3; c++) {
                rgb[3 * p + c] = (byte) (pixel >> 16 - 8 * c);
            }
        }
        return rgb;
    }

    /** A drawing of the scene with its objects apart from each other, or tries until there is. */
    static byte[] draw(Scene scene, Random random) {
        while (true) {
            var places = places(scene, random);
            if (!places.isEmpty()) {
                return draw(scene, places);
            }
        }
    }

    private record Place(double x, double y, double r) {}

    private static List<Place> places(Scene scene, Random random) {
        var radius = new double[] {0, 11, 9.5, 8.5, 8}[scene.items().size()];
        var places = new ArrayList<Place>();
        for (var i = 0; i < scene.items().size(); i++) {
            var r = radius * random.nextDouble(0.95, 1.1);
            var margin = 1.32 * r + 1;
            var x = random.nextDouble(margin, SIDE - margin);
            var y = random.nextDouble(margin, SIDE - margin);
            if (places.stream().anyMatch(p -> Math.hypot(p.x - x, p.y - y) < 1.3 * (p.r + r))) {
                return List.of();
            }
            places.add(new Place(x, y, r));
        }
        if (scene.relation().isPresent()) {
            var dx = places.get(0).x - places.get(1).x;
            var dy = places.get(0).y - places.get(1).y;
            var clear = Math.abs(Math.abs(dx) - Math.abs(dy)) > 3;
            if (!clear || Relation.of(dx, dy) != scene.relation().get()) {
                return List.of();
            }
        }
        return places;
    }

    private static byte[] draw(Scene scene, List<Place> places) {
        var rgb = new byte[3 * SIDE * SIDE];
        Arrays.fill(rgb, (byte) ObjectColor.PAPER);
        for (var i = 0; i < places.size(); i++) {
            var item = scene.items().get(i);
            var place = places.get(i);
            var raster = new Raster(SIDE * OVERSAMPLING, SIDE * OVERSAMPLING);
            item.shape()
                    .fill(
                            raster,
                            place.x * OVERSAMPLING,
                            place.y * OVERSAMPLING,
                            (float) place.r * OVERSAMPLING);
            paint(rgb, raster.coverage(OVERSAMPLING), item.color());
        }
        return rgb;
    }

    private static void paint(byte[] rgb, float[] share, ObjectColor color) {
        for (var p = 0; p < share.length; p++) {
            for (var c = 0; c < 3; c++) {
                var under = rgb[3 * p + c] & 0xff;
                rgb[3 * p + c] = (byte) Math.round(under + share[p] * (color.level(c) - under));
            }
        }
    }
}
