package io.mitune.app.demo;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.CommandLineRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same stream on the other families, with models that are made on the fly. */
class DemoFamilyIT {
    @TempDir private Path folder;

    @BeforeAll
    static void tellWhereTheProjectIs() {
        System.setProperty("mitune.home", "..");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sdxl", "sd35"})
    void theWholeStreamRuns(String family) throws IOException {
        var prompts =
                Files.writeString(folder.resolve("prompts.txt"), "a red circle\ntwo green stars\n");
        var data = folder.resolve("data");
        var result =
                CommandLineRunner.run(
                                "demo",
                                "--family",
                                family,
                                "--data-dir",
                                data,
                                "--prompts",
                                prompts,
                                "--validation-prompts",
                                prompts,
                                "--test-prompts",
                                prompts,
                                "--steps",
                                2,
                                "--num-inference-steps",
                                3)
                        .ok();
        assertTrue(result.out().contains("UNTRAINED MODEL"), result.out());
        assertTrue(result.err().contains("candidates 4/4"), result.err());
        assertTrue(result.err().contains("demo: version"), result.err());
        assertFalse(result.err().contains("dead letters"), result.err());
        var page = Files.readString(data.resolve("report.html"));
        assertTrue(page.contains("UNTRAINED MODEL"), "the page says so, too");
        assertTrue(page.contains("Training loss"), "the adapter was trained");
    }

    @Test
    void badFamiliesAreOneLine() throws IOException {
        var line = CommandLineRunner.run("demo", "--family", "flux").failedInOneLine();
        assertTrue(line.contains("--family: expected sdxl or sd35, found flux"), line);
        var both = List.of("demo", "--family", "sdxl", "--model", folder);
        line = CommandLineRunner.run(both.toArray()).failedInOneLine();
        assertTrue(line.contains("expected it without --model"), line);
    }
}
