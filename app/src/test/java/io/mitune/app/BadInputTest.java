package io.mitune.app;

import static io.mitune.app.CommandLineRunner.run;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.diffusion.safetensors.SafetensorsWriter;
import io.mitune.diffusion.safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users get wrong ends in one line that names the place, without a trace. */
class BadInputTest {
    private static final String UNET = "unet/diffusion_pytorch_model.safetensors";

    @TempDir Path folder;
    private Path model;

    @BeforeEach
    void copyModel() throws IOException {
        model = TinyModel.copy(folder);
    }

    @Test
    void missingModelFiles() throws IOException {
        assertFails("nothing at " + folder.resolve("none"), "--model", folder.resolve("none"));
        Files.delete(model.resolve(UNET));
        assertFails("unet");
        Files.delete(model.resolve("model_index.json"));
        assertFails("expected a diffusers model directory, with model_index.json in it, found");
    }

    @Test
    void whereAnAdapterIsLookedForItIsSaidWhatIsMissing() throws IOException {
        var none = run("adapters", "inspect", folder.resolve("none")).failedInOneLine();
        assertTrue(none.endsWith("diffusers, peft or kohya, found nothing there"), none);
        var empty = run("adapters", "inspect", folder).failedInOneLine();
        assertTrue(empty.contains("adapter_config.json in this folder, found neither"), empty);
    }

    @Test
    void aWrongOptionIsNamedBeforeAnythingIsMade() throws IOException {
        var data = folder.resolve("data");
        var demo = run("demo", "--workers", 0, "--data-dir", data).failedInOneLine();
        assertTrue(demo.endsWith("--workers: expected 1 to 64, found 0"), demo);
        assertFalse(Files.exists(data));
        var publish = run("publish", "--prompt", "a", "--candidates", 0).failedInOneLine();
        assertTrue(
                publish.endsWith("publish: --candidates: expected 1 to 10000, found 0"), publish);
        var file = Files.createFile(folder.resolve("taken"));
        var registry = run("registry", "--data-dir", file.resolve("below")).failedInOneLine();
        assertTrue(registry.contains("--data-dir: expected a folder that can be"), registry);
        var worker = run("worker", "--model", folder.resolve("none")).failedInOneLine();
        assertTrue(worker.contains("expected a folder with model_index.json"), worker);
        var recurate = run("recurate", "--policy", "p", "--output", file).failedInOneLine();
        assertTrue(recurate.contains("exists already"), recurate);
    }

    @Test
    void truncatedWeights() throws IOException {
        var weights = model.resolve(UNET);
        var bytes = Files.readAllBytes(weights);
        Files.write(weights, Arrays.copyOf(bytes, bytes.length / 2));
        assertFails(UNET);
        Files.write(weights, new byte[5]);
        assertFails(UNET);
    }

    @Test
    void wrongShapeMissingAndUnreadKeys() throws IOException {
        var weights = model.resolve(UNET);
        var original = Files.readAllBytes(weights);
        TinyModel.editTensors(weights, t -> t.put("conv_out.bias", Tensor.f32(new float[3], 3)));
        assertFails("conv_out.bias");
        Files.write(weights, original);
        TinyModel.editTensors(weights, t -> t.put("surprise", Tensor.f32(new float[3], 3)));
        assertFails("surprise");
        Files.write(weights, original);
        TinyModel.editTensors(weights, t -> t.remove("conv_out.bias"));
        assertFails("conv_out.bias");
    }

    @Test
    void unsupportedConfiguration() throws IOException {
        TinyModel.edit(
                model.resolve("unet/config.json"), c -> c.put("time_embedding_type", "fourier"));
        assertFails("time_embedding_type");
        TinyModel.edit(
                model.resolve("model_index.json"), c -> c.put("_class_name", "FluxPipeline"));
        assertFails("FluxPipeline");
        Files.writeString(model.resolve("model_index.json"), "{");
        assertFails("model_index.json");
    }

    @Test
    void badPrompts() throws IOException {
        assertFails("control character U+0007", "--prompt", "a\u0007cat");
        assertFails("4096 bytes", "--prompt", "x".repeat(10_000_000));
        var file = folder.resolve("prompts.txt");
        Files.writeString(file, "");
        assertFails("found an empty file", "--prompts", file);
        Files.writeString(file, "x".repeat(10_000_000));
        assertFails("4096 bytes", "--prompts", file);
        assertFails("no-such.txt", "--prompts", folder.resolve("no-such.txt"));
        assertFails("--prompt", "--negative-prompt", "", "--prompt", "a", "--prompts", file);
    }

    @Test
    void outputThatCannotBeWritten() throws IOException {
        var file = Files.createFile(folder.resolve("file"));
        assertFails(file.toString(), "--output", file);
        assertFails(file.toString(), "--output", file.resolve("below"));
        assertFails("/proc", "--output", "/proc/none");
    }

    @Test
    void valuesOutOfRange() {
        assertFails("ddpm, ddim, euler, pndm or flow-match-euler", "--scheduler", "dpm");
        assertFails("--num-inference-steps", "--num_inference_steps", 0);
        assertFails("--guidance-scale", "--guidance-scale", "NaN");
        assertFails("--num-images-per-prompt", "--num-images-per-prompt", -1);
        assertFails("height", "--height", 13);
        assertFails("--output-type", "--output-type", "gif");
        assertFails("--device", "--device", "tpu");
        assertFails("dtype", "--dtype", "int8");
        assertFails("--seed", "--seed", "many");
        assertFails("--model", "--model");
    }

    @Test
    void latentsAndAdaptersOfAnotherShape() throws IOException {
        var latents = folder.resolve("latents.safetensors");
        SafetensorsWriter.write(
                latents, Map.of("latents", Tensor.f32(new float[8], 1, 2, 2, 2)), Map.of());
        assertFails("expected shape", "--latents", latents);
        assertFails("no such file", "--latents", folder.resolve("none"));
        var other = Path.of("..", "demo", "model");
        var adapter = TinyModel.CASE.resolve("adapter/diffusers");
        var result =
                run(
                        "generate",
                        "--model",
                        other,
                        "--prompt",
                        "a",
                        "--adapter",
                        adapter,
                        "--output",
                        folder.resolve("o"));
        assertTrue(result.failedInOneLine().contains("adapter"), result.err());
        assertFails("none.safetensors", "--adapter", folder.resolve("none.safetensors"));
    }

    @Test
    void streamCommands() throws IOException {
        assertTrue(run("tap", "cats").failedInOneLine().contains("expected one of prompts,"));
        assertTrue(run("topics").failedInOneLine().contains("create, describe or acl"));
        var missing = run("tap", "prompts", "--kafka-config", folder.resolve("none"));
        assertTrue(missing.failedInOneLine().contains("key=value"), missing.err());
        var url = run("topics", "describe", "--schema-registry-url", "localhost");
        assertTrue(url.failedInOneLine().contains("schema.registry.url"), url.err());
        var keep = run("publish", "--prompt", "a", "--candidates", 2, "--keep", 3);
        assertTrue(keep.failedInOneLine().contains("keep"), keep.err());
    }

    @Test
    void verboseShowsTheTrace() {
        var result =
                run("--verbose", "generate", "--model", folder.resolve("none"), "--prompt", "a");
        assertTrue(result.err().contains("\tat io.mitune"), result.err());
    }

    /** Runs generate with something wrong; later options win over the good ones. */
    private void assertFails(String named, Object... wrong) {
        var options = new ArrayList<Object>(List.of(wrong));
        if (!options.contains("--model")) {
            options.addAll(List.of("--model", model));
        }
        if (!options.contains("--output")) {
            options.addAll(List.of("--output", folder.resolve("out")));
        }
        if (!options.contains("--prompt") && !options.contains("--prompts")) {
            options.addAll(List.of("--prompt", "a cat"));
        }
        options.add(0, "generate");
        var result = run(options.toArray());
        var line = result.failedInOneLine();
        assertTrue(line.contains(named), line);
        assertTrue(line.startsWith("mitune generate: ") && line.length() < 800, line);
        assertFalse(line.contains("this is a bug"), line);
    }
}
