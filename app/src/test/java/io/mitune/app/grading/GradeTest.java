package io.mitune.app.grading;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.grading.Scene.Item;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The grader against the reference grader's verdicts and against drawings that are right. */
class GradeTest {
    private static final Item RED_STAR = new Item(ObjectColor.RED, ObjectShape.STAR);
    private static final Item BLUE_RING = new Item(ObjectColor.BLUE, ObjectShape.RING);

    @Test
    void agreesWithTheReferenceGraderOnEveryPicture() throws IOException {
        var pictures = Pictures.sheet("/grading/pictures.png");
        var rows = rows("/grading/grades.tsv");
        assertEquals(320, rows.size());
        assertEquals(pictures.size(), rows.size());
        for (var i = 0; i < rows.size(); i++) {
            var row = rows.get(i).split("\t");
            var expected =
                    new Grade(
                            Boolean.parseBoolean(row[1]),
                            Boolean.parseBoolean(row[2]),
                            Double.parseDouble(row[3]),
                            Integer.parseInt(row[4]));
            var grade = Grade.of(Scene.parse(row[0]).orElseThrow(), pictures.get(i));
            var rounded =
                    new Grade(
                            grade.right(),
                            grade.objects(),
                            Math.round(grade.share() * 1e6) / 1e6,
                            grade.seen());
            assertEquals(expected, rounded, "picture " + i + ": " + row[0]);
        }
    }

    @Test
    void everyDrawingOfAllKindsShapesAndColoursIsRight() {
        var random = new Random(20260101);
        for (var i = 0; i < 500; i++) {
            var scene = scene(i, random);
            var grade = Grade.of(scene, Pictures.draw(scene, random));
            assertTrue(grade.right(), i + ": " + scene + " " + grade);
        }
    }

    @Test
    void aMissingOrExtraObjectOrAWrongRelationIsWrong() {
        var random = new Random(3);
        var above = Scene.related(RED_STAR, Relation.ABOVE, BLUE_RING);
        var picture = Pictures.draw(above, random);
        assertEquals(new Grade(true, true, 1, 2), Grade.of(above, picture));
        assertEquals(
                new Grade(false, true, 1, 2),
                Grade.of(Scene.related(RED_STAR, Relation.BELOW, BLUE_RING), picture));
        assertEquals(new Grade(false, false, 1, 2), Grade.of(Scene.single(RED_STAR), picture));
        assertEquals(
                new Grade(false, false, 0.5, 2), Grade.of(Scene.counted(2, RED_STAR), picture));
    }

    @Test
    void anEmptyANoisyAndAWrongSizedPictureAreNoScene() {
        var scene = Scene.single(RED_STAR);
        var noise = new byte[3 * 64 * 64];
        new Random(1).nextBytes(noise);
        assertFalse(Grade.of(scene, noise).right());
        assertFalse(Grade.of(scene, new byte[3 * 64 * 64]).right());
        assertThrows(IllegalArgumentException.class, () -> Grade.of(scene, new byte[3]));
    }

    private static Scene scene(int i, Random random) {
        var first = item(i, random);
        var second = item(i * 7 + 1, random);
        while (second.equals(first)) {
            second = item(random.nextInt(8), random);
        }
        return switch (i % 4) {
            case 0 -> Scene.single(first);
            case 1 -> Scene.pair(first, second);
            case 2 -> Scene.related(first, Relation.values()[i / 4 % 4], second);
            default -> Scene.counted(1 + i / 4 % 4, first);
        };
    }

    private static Item item(int i, Random random) {
        var shapes = ObjectShape.values();
        return new Item(ObjectColor.values()[i % 8], shapes[random.nextInt(shapes.length)]);
    }

    private static List<String> rows(String resource) throws IOException {
        try (var in = GradeTest.class.getResourceAsStream(resource);
                var text = new InputStreamReader(in, StandardCharsets.UTF_8)) {
            return new ArrayList<>(new BufferedReader(text).lines().toList());
        }
    }
}
