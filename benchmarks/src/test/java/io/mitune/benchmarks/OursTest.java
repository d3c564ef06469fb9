package io.mitune.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every job on the demo model, as small as it gets: the line must say what was done. */
class OursTest {
    private static final Path MODEL = Path.of("..", "demo", "model");

    @Test
    void samplingJobsCountWhatTheyDraw() throws IOException {
        for (String job : List.of("candidates", "images")) {
            var line = run(job, "--count", "3", "--batch", "2", "--steps", "2");
            assertEquals(job, line.get("job").asText());
            assertEquals(3, line.get("items").asInt());
            assertEquals(
                    3 / line.get("seconds").asDouble(),
                    line.get("items_per_second").asDouble(),
                    1e-6);
        }
    }

    @Test
    void trainingCountsSamples() throws IOException {
        var line = run("train", "--batch", "2", "--steps", "3", "--rank", "2", "--dtype", "bf16");
        assertEquals(6, line.get("items").asInt());
        assertEquals("bf16", line.get("dtype").asText());
    }

    @Test
    void peakMemoryHoldsWhatTheModelTook() throws IOException {
        var line = run("load");
        if (System.getProperty("os.name").startsWith("Linux")) {
            double start = line.get("import_rss_mib").asDouble();
            assertTrue(start > 50, "peak at start " + start);
            assertTrue(line.get("peak_rss_mib").asDouble() >= start);
        }
        assertTrue(line.get("import_seconds").asDouble() > 0);
    }

    @Test
    void memoryIsTakenByPhase() throws IOException {
        var line = run("memory", "--batch", "2", "--steps", "1");
        if (System.getProperty("os.name").startsWith("Linux")) {
            for (var phase : List.of("load", "text", "denoise", "decode")) {
                double peak = line.get(phase + "_peak_mib").asDouble();
                assertTrue(peak >= line.get(phase + "_left_mib").asDouble() * 0.9, phase);
            }
        }
        var texts = run("memory", "--steps", "0");
        assertTrue(texts.has("text_peak_mib") && !texts.has("denoise_peak_mib"));
    }

    @Test
    void rolesDrawAndTrain() throws IOException {
        var line = run("roles", "--prompts", "1", "--count", "2", "--batch", "2", "--steps", "2");
        assertEquals(2, line.get("items").asInt());
        assertEquals(2, line.get("training_steps").asInt());
    }

    @Test
    void streamComparesItselfWithTheModel() throws IOException {
        var line =
                run(
                        "stream",
                        "--count",
                        "2",
                        "--batch",
                        "2",
                        "--steps",
                        "2",
                        "--prompts",
                        "2",
                        "--repeat",
                        "1");
        assertEquals(4, line.get("items").asInt());
        double seconds = line.get("seconds").asDouble();
        double model = line.get("model_seconds").asDouble();
        assertTrue(model > 0 && seconds > 0);
        assertEquals(seconds / model, line.get("ratio").asDouble(), 1e-9);
    }

    private static JsonNode run(String job, String... options) throws IOException {
        var arguments = new ArrayList<>(List.of(job, "--model", MODEL.toString()));
        arguments.addAll(List.of(options));
        var out = new ByteArrayOutputStream();
        var before = System.out;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            int code = Ours.commandLine().execute(arguments.toArray(String[]::new));
            assertEquals(0, code);
        } finally {
            System.setOut(before);
        }
        return new ObjectMapper().readTree(out.toString(StandardCharsets.UTF_8));
    }
}
