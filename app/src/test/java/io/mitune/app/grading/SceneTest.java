package io.mitune.app.grading;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.grading.Scene.Item;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SceneTest {
    private static final Item STAR = new Item(ObjectColor.PURPLE, ObjectShape.STAR);
    private static final Item CROSS = new Item(ObjectColor.ORANGE, ObjectShape.CROSS);

    @Test
    void readsTheFourKindsOfCaptions() {
        assertEquals(Optional.of(Scene.single(STAR)), Scene.parse("a purple star"));
        assertEquals(
                Optional.of(Scene.pair(STAR, CROSS)),
                Scene.parse("A purple star and an orange cross"));
        assertEquals(
                Optional.of(Scene.related(CROSS, Relation.LEFT, STAR)),
                Scene.parse("an orange cross to the left of a purple star"));
        assertEquals(
                Optional.of(Scene.related(CROSS, Relation.BELOW, STAR)),
                Scene.parse(" an orange cross  below a purple star "));
        assertEquals(Optional.of(Scene.counted(3, CROSS)), Scene.parse("three orange crosses"));
        assertEquals(Optional.of(Scene.counted(1, STAR)), Scene.parse("one purple star"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a cat",
                "a purple",
                "purple star",
                "three purple star",
                "five purple stars",
                "one purple stars",
                "a pink star",
                "a purple star and",
                "a purple star and a red ring and a blue ring",
                "a purple star above",
                "a purple star above a red ring below a blue ring"
            })
    void anythingElseIsNoScene(String caption) {
        assertEquals(Optional.empty(), Scene.parse(caption));
    }

    @Test
    void aHugeCaptionIsRefusedAtOnce() {
        assertEquals(Optional.empty(), Scene.parse("a red ring and ".repeat(1_000_000)));
    }

    @Test
    void readsEveryPromptOfTheDemo() throws IOException {
        for (var file : new String[] {"eval.txt", "tune.txt", "validation.txt"}) {
            var lines = Files.readAllLines(Path.of("..", "demo", "prompts", file));
            assertTrue(lines.size() >= 10, file);
            lines.forEach(line -> assertTrue(Scene.parse(line).isPresent(), line));
        }
    }
}
