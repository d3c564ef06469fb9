package io.mitune.app.evaluate;

import static io.mitune.app.CommandLineRunner.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.app.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateCommandTest {
    private static final Path DEMO = Path.of("..", "demo", "model");

    @TempDir Path folder;

    @Test
    void scenesAreGradedByCategory() throws IOException {
        var prompts = folder.resolve("prompts.txt");
        Files.writeString(prompts, "a black circle\na red circle\ntwo blue stars\n");
        var json = folder.resolve("result.json");
        var table =
                run(
                                "evaluate",
                                "--model",
                                DEMO,
                                "--prompts",
                                prompts,
                                "--num_images_per_prompt",
                                2,
                                "--num_inference_steps",
                                12,
                                "--guidance_scale",
                                2,
                                "--output",
                                json)
                        .ok()
                        .out()
                        .lines()
                        .toList();
        assertTrue(table.get(0).matches(" +prompts +base % right +base MI"), table.get(0));
        assertTrue(table.get(2).startsWith("all "), table.get(2));
        assertTrue(table.get(3).startsWith("single "), table.get(3));
        assertTrue(table.get(4).startsWith("numeracy "), table.get(4));

        var base = new ObjectMapper().readTree(json.toFile()).get("arms").get(0);
        assertEquals(3, base.get("prompts").size());
        assertEquals(2, base.get("prompts").get(0).get("right").size());
        // the model draws single objects right almost always, also in few steps
        assertTrue(base.get("accuracy").get("single").get("mean").asDouble() >= 0.5, table + "");
    }

    @Test
    void adaptersAreComparedWithTheSameSeeds() {
        var adapter = TinyModel.CASE.resolve("adapter");
        var result =
                run(
                                "evaluate",
                                "--model",
                                TinyModel.MODEL,
                                "--prompt",
                                "the red cat",
                                "--num-images-per-prompt",
                                2,
                                "--num-inference-steps",
                                2,
                                "--adapter",
                                "one=" + adapter.resolve("diffusers"),
                                "--adapter",
                                adapter.resolve("peft"))
                        .ok();
        var cells = result.out().lines().toList().get(2).strip().split(" +");
        assertEquals("all", cells[0]);
        assertEquals(cells[3], cells[4], "the same adapter in two forms");
        assertTrue(!cells[2].equals(cells[3]), "the adapter changes nothing");
    }

    @Test
    void twoAdaptersOfOneNameAreRefused() {
        var adapter = TinyModel.CASE.resolve("adapter/peft");
        var line =
                run(
                                "evaluate",
                                "--model",
                                TinyModel.MODEL,
                                "--prompt",
                                "a",
                                "--adapter",
                                "x=" + adapter,
                                "--adapter",
                                "x=" + adapter)
                        .failedInOneLine();
        assertTrue(line.contains("expected different names, found x twice"), line);
    }
}
