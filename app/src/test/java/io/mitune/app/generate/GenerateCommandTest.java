package io.mitune.app.generate;

import static io.mitune.app.generate.AlbumFiles.files;
import static io.mitune.app.generate.AlbumFiles.generate;
import static io.mitune.app.generate.AlbumFiles.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.app.CommandLineRunner;
import io.mitune.app.TinyModel;
import io.mitune.diffusion.image.Png;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import io.mitune.diffusion.safetensors.SafetensorsWriter;
import io.mitune.diffusion.safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GenerateCommandTest {
    private static final String LATENTS = "latents";
    private static final String[] PROMPTS = {"the red cat", "a blue dog and the cat's thing"};

    @TempDir Path folder;

    /** With "" as the negative prompt, and without one. */
    @ParameterizedTest
    @CsvSource({
        "epsilon-fp32, trajectory",
        "xl-fp32, trajectory",
        "xl-fp32, no_negative",
        "xl-fp16, no_negative"
    })
    void latentsAndScoresAreThoseOfDiffusers(String name, String trajectory) throws IOException {
        var parity = TinyModel.CASE.resolveSibling(name);
        var records = SafetensorsFile.open(parity.resolve("io.safetensors"));
        var noise = records.info(trajectory + "/noise");
        var start = folder.resolve("start.safetensors");
        SafetensorsWriter.write(
                start,
                Map.of(
                        LATENTS,
                        new Tensor(
                                noise.type(),
                                noise.shape(),
                                records.tensor(trajectory + "/noise"))),
                Map.of());
        var out = folder.resolve("out");
        var command =
                AlbumFiles.command(
                        parity.resolve("model"),
                        out,
                        "--prompt",
                        PROMPTS[0],
                        "--prompt",
                        PROMPTS[1],
                        "--latents",
                        start,
                        "--output-type",
                        "latent",
                        "--num_inference_steps=6",
                        "--guidance_scale=3",
                        "--mi");
        var negative =
                trajectory.equals("trajectory") ? List.of("--negative-prompt", "") : List.of();
        var all = new ArrayList<Object>(List.of(command));
        all.addAll(negative);
        CommandLineRunner.run(all.toArray()).ok();

        var made = SafetensorsFile.open(out.resolve("latents.safetensors"));
        assertEquals(noise.shape(), made.info(LATENTS).shape());
        var latents = floats(made, LATENTS);
        var states = floats(records, trajectory + "/states");
        var last = states.length - latents.length;
        double error = 0, size = 0;
        for (var i = 0; i < latents.length; i++) {
            error += Math.pow(latents[i] - states[last + i], 2);
            size += Math.pow(states[last + i], 2);
        }
        assertTrue(Math.sqrt(error / size) < 1e-4, "relative error " + Math.sqrt(error / size));

        var mi = records.tensor(trajectory + "/mi").asDoubleBuffer();
        var times = records.tensor(trajectory + "/timesteps").asLongBuffer();
        var inside = new ArrayList<Double>();
        for (var k = 0; k < times.capacity(); k++) {
            if (times.get(k) > 50) {
                inside.add((double) times.get(k));
            }
        }
        var rows = rows(out);
        for (var i = 0; i < 2; i++) {
            var row = rows.get(i);
            assertEquals(mi.get(i), row.get("mi").asDouble(), 1e-4 * mi.get(i));
            assertEquals(PROMPTS[i], row.get("prompt").asText());
            assertEquals("latents.safetensors", row.get("file_name").asText());
            var terms = new ArrayList<Double>();
            row.get("mi_terms").forEach(v -> terms.add(v.asDouble()));
            var timesteps = new ArrayList<Double>();
            row.get("mi_timesteps").forEach(v -> timesteps.add(v.asDouble()));
            assertEquals(inside, timesteps);
            var mean = terms.stream().mapToDouble(v -> v).average().orElseThrow();
            assertEquals(row.get("mi").asDouble(), mean, 1e-5 * mean);
        }
        assertEquals(List.of("latents.safetensors", "metadata.jsonl"), files(out));
    }

    @Test
    void filesAreNamedAsCompBenchReadsThemAndCarryTheirSettings() throws IOException {
        var prompts = folder.resolve("prompts.txt");
        Files.writeString(prompts, "a cat / a_dog\r\n.hidden?\textra\n" + "x".repeat(400) + "\n");
        var out = folder.resolve("out");
        generate(out, "--prompts", prompts, "--num_images_per_prompt", 2, "--mi").ok();
        var names = files(out.resolve("samples"));
        assertEquals(6, names.size());
        assertTrue(names.contains("a cat a dog_000000.png"), names.toString());
        assertTrue(names.contains("a cat a dog_000001.png"), names.toString());
        assertTrue(names.contains("hidden_000002.png"), names.toString());
        assertTrue(names.contains("x".repeat(200) + "_000005.png"), names.toString());

        for (var name : names) { // as all its tools do
            var parts = name.split("_");
            assertEquals(2, parts.length, name);
            assertTrue(Integer.parseInt(parts[1].split("[.]")[0]) < 6, name);
        }
        var mapping = new ObjectMapper().readTree(out.resolve("mapping.json").toFile());
        assertEquals("hidden_000003.png", mapping.at("/3/image").asText());
        assertEquals(3, mapping.at("/3/question_id").asInt());
        var dataset = Files.readAllLines(out.resolve("dataset/prompts_val.txt"));
        assertEquals(List.of("a cat / a_dog", ".hidden?", "x".repeat(400)), dataset);

        var picture = Png.read(out.resolve("samples").resolve("hidden_000002.png"));
        assertEquals(".hidden?", picture.text().get("prompt"));
        var parameters = new ObjectMapper().readTree(picture.text().get("parameters"));
        var row = rows(out).get(2);
        assertEquals(row.get("image_seed"), parameters.get("image_seed"));
        assertEquals(row.get("mi").asText(), picture.text().get("mi"));
        assertEquals(2, row.get("index").asInt());
        assertEquals("samples/hidden_000002.png", row.get("file_name").asText());
        for (var name :
                List.of("scheduler", "num_inference_steps", "guidance_scale", "model_digest")) {
            assertTrue(row.hasNonNull(name), name);
        }
    }

    @Test
    void anImageDependsOnSeedAndIndexAndNotOnItsBatch() throws IOException {
        var a = folder.resolve("a");
        var b = folder.resolve("b");
        Object[] wanted = {"--prompt", PROMPTS[0], "--num-images-per-prompt", "3"};
        generate(a, wanted).ok();
        generate(b, "--micro-batch", 1, "--prompt", PROMPTS[0], "--num-images-per-prompt", 3).ok();
        for (var name : files(a.resolve("samples"))) {
            var one = Png.read(a.resolve("samples").resolve(name)).image().pixels();
            var other = Png.read(b.resolve("samples").resolve(name)).image().pixels();
            for (var i = 0; i < one.length; i++) {
                assertTrue(Math.abs((one[i] & 0xff) - (other[i] & 0xff)) <= 1, name);
            }
        }
        var first = Png.read(a.resolve("samples/the red cat_000000.png")).image();
        assertNotEquals(first, Png.read(a.resolve("samples/the red cat_000001.png")).image());
    }

    @Test
    void anAdapterIsTheSameAsFileAndAsPeftFolder() throws IOException {
        var base = folder.resolve("base");
        var file = folder.resolve("file");
        var peft = folder.resolve("peft");
        var adapter = TinyModel.CASE.resolve("adapter");
        generate(base, "--prompt", PROMPTS[0]).ok();
        generate(file, "--prompt", PROMPTS[0], "--adapter", adapter.resolve("diffusers")).ok();
        generate(peft, "--prompt", PROMPTS[0], "--adapter", adapter.resolve("peft")).ok();
        var name = "samples/the red cat_000000.png";
        var withFile = Png.read(file.resolve(name)).image();
        assertEquals(withFile, Png.read(peft.resolve(name)).image());
        assertNotEquals(withFile, Png.read(base.resolve(name)).image());
    }

    private static float[] floats(SafetensorsFile file, String key) {
        var buffer = file.tensor(key).asFloatBuffer();
        var values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }
}
