package io.mitune.app.adapter;

import static io.mitune.app.CommandLineRunner.run;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.app.TinyModel;
import io.mitune.diffusion.adapter.AdapterFile;
import io.mitune.diffusion.adapter.AdapterWeights;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterCommandsTest {
    private static final Path ADAPTER = TinyModel.CASE.resolve("adapter/diffusers");
    private static final Path SD3 = TinyModel.CASE.resolveSibling("sd35-fp32");

    @TempDir Path folder;

    @Test
    void aChainOfAllFormsIsTheSameAdapter() {
        var peft = folder.resolve("peft");
        var kohya = folder.resolve("kohya.safetensors");
        var old = folder.resolve("old.safetensors");
        var back = folder.resolve("back.safetensors");
        var said = run("adapters", "convert", ADAPTER, peft).ok().out();
        assertTrue(said.contains("peft, DoRA of rank 4, alpha 6.0"), said);
        assertTrue(said.contains("exact"), said);
        said = run("adapters", "convert", peft, kohya, "--to", "kohya").ok().out();
        assertTrue(said.contains("approximate: ComfyUI"), said);
        run("adapters", "convert", kohya, old, "--to", "diffusers-old").ok();
        run("adapters", "convert", old, back).ok();

        var expected = AdapterFile.read(ADAPTER);
        var found = AdapterFile.read(back);
        assertEquals(expected.config(), found.config());
        assertEquals(expected.modules().keySet(), found.modules().keySet());
        expected.modules()
                .forEach(
                        (path, factors) -> {
                            var same = found.modules().get(path);
                            assertArrayEquals(factors.a(), same.a(), path);
                            assertArrayEquals(factors.b(), same.b(), path);
                            assertArrayEquals(factors.magnitude(), same.magnitude(), path);
                        });
    }

    @Test
    void aMergedModelDrawsWhatTheAdapterDraws() throws IOException {
        var merged = folder.resolve("merged");
        var result =
                run(
                                "adapters",
                                "convert",
                                ADAPTER,
                                merged,
                                "--to",
                                "merged",
                                "--model",
                                TinyModel.MODEL)
                        .ok();
        assertTrue(result.out().contains("exact up to rounding"), result.out());
        assertTrue(result.err().contains("tensors"), result.err());
        assertFalse(Files.exists(folder.resolve("merged.writing")));
        var expected = draw("a", "--model", TinyModel.MODEL, "--adapter", ADAPTER);
        var found = draw("b", "--model", merged);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], found[i], 1e-4);
        }
    }

    private float[] draw(String name, Object... model) throws IOException {
        var out = folder.resolve(name);
        var words =
                new ArrayList<Object>(
                        List.of("generate", "--prompt", "a cat", "--num-inference-steps", 3));
        words.addAll(List.of("--output-type", "latent", "--output", out));
        words.addAll(List.of(model));
        run(words.toArray()).ok();
        try (var files = Files.walk(out)) {
            var file = files.filter(f -> f.toString().endsWith(".safetensors")).findFirst();
            var stored = SafetensorsFile.open(file.orElseThrow());
            var data = stored.tensor("latents").asFloatBuffer();
            var values = new float[data.remaining()];
            data.get(values);
            return values;
        }
    }

    @Test
    void aDifferenceHasTheSizeOfTheWeights() {
        var file = folder.resolve("difference.safetensors");
        var words = List.of("--to", "difference", "--dtype", "fp16", "--model");
        var args = new ArrayList<Object>(List.of("adapters", "convert", ADAPTER, file));
        args.addAll(words);
        args.add(TinyModel.MODEL);
        run(args.toArray()).ok();
        var stored = SafetensorsFile.open(file);
        var name = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k.diff";
        assertEquals(List.of(16L, 20L), stored.info(name).shape());
        assertEquals("F16", stored.info(name).type().name());
        assertTrue(
                run("adapters", "inspect", file)
                        .failedInOneLine()
                        .contains("a full difference is no adapter"));
    }

    @Test
    void whatIsThereIsReplacedOnlyByForce() throws IOException {
        var file = folder.resolve("x.safetensors");
        run("adapters", "convert", ADAPTER, file).ok();
        var before = Files.readAllBytes(file);
        var line = run("adapters", "convert", ADAPTER, file, "--to", "kohya").failedInOneLine();
        assertTrue(line.contains("exists already; --force replaces it"), line);
        assertArrayEquals(before, Files.readAllBytes(file));
        run("adapters", "convert", ADAPTER, file, "--to", "kohya", "--force").ok();
        assertFalse(Arrays.equals(before, Files.readAllBytes(file)));
        line = run("adapters", "convert", file, file, "--force").failedInOneLine();
        assertTrue(line.contains("expected another place than that of the input"), line);
        var peft = folder.resolve("peft");
        run("adapters", "convert", file, peft).ok();
        Files.writeString(peft.resolve("stale"), "x");
        run("adapters", "convert", file, peft, "--force").ok();
        assertFalse(Files.exists(peft.resolve("stale")));
        try (var left = Files.list(folder)) {
            assertEquals(2, left.count(), "nothing half-written is left");
        }
    }

    @Test
    void aFailureLeavesNothing() throws IOException {
        var merged = folder.resolve("merged");
        var line = run("adapters", "convert", ADAPTER, merged, "--to", "merged").failedInOneLine();
        assertTrue(line.contains("expected --model DIR"), line);
        line =
                run(
                                "adapters",
                                "convert",
                                ADAPTER,
                                merged,
                                "--to",
                                "merged",
                                "--model",
                                SD3.resolve("model"))
                        .failedInOneLine();
        assertTrue(line.contains("another family"), line);
        line = run("adapters", "convert", ADAPTER, merged, "--to", "lyco").failedInOneLine();
        assertTrue(line.contains("found lyco"), line);
        line = run("adapters", "convert", ADAPTER, merged, "--to", "kohya").failedInOneLine();
        assertTrue(line.contains("ends in .safetensors"), line);
        try (var left = Files.list(folder)) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void aFileThatIsNoAdapterIsTold() {
        var model = TinyModel.MODEL.resolve("unet/diffusion_pytorch_model.safetensors");
        var line = run("adapters", "convert", model, folder.resolve("x")).failedInOneLine();
        assertTrue(line.contains("diffusion_pytorch_model.safetensors"), line);
    }

    @Test
    void inspectTellsFormSizeAndFit() {
        var out = run("adapters", "inspect", ADAPTER, "--model", TinyModel.MODEL).ok().out();
        assertTrue(out.contains("diffusers-old, F32"), out);
        assertTrue(out.contains("DoRA of rank 4, alpha 6.0"), out);
        assertTrue(out.contains("to_k to_out.0 to_q to_v"), out);
        assertTrue(out.contains("fits, all modules and shapes"), out);
        assertTrue(
                out.lines().anyMatch(l -> l.matches("mid_block.*attn2.to_k +16 x 20 .*[0-9]")),
                out);
        out = run("adapters", "inspect", ADAPTER, "--model", SD3.resolve("model")).ok().out();
        assertTrue(out.contains("does not fit"), out);
    }

    @Test
    void inspectKnowsTheModelThatItWasTrainedOn() {
        var adapter = AdapterFile.read(ADAPTER);
        try (var model = StableDiffusion.load(TinyModel.MODEL, LoadOptions.plain())) {
            for (var same : List.of(true, false)) {
                var file = folder.resolve(same + ".safetensors");
                var digest = same ? model.modelDigest() : "0".repeat(64);
                AdapterFile.writeDiffusers(
                        file,
                        new AdapterWeights(
                                "test",
                                adapter.config(),
                                adapter.modules(),
                                Map.of("mitune.model_digest", digest)));
                var out = run("adapters", "inspect", file, "--model", TinyModel.MODEL).ok().out();
                assertEquals(same, out.contains("trained on exactly this model"), out);
                assertEquals(!same, out.contains("trained on another model"), out);
            }
        }
    }

    @Test
    void inspectPrintsJson() throws IOException {
        var adapter = SD3.resolve("adapter/lora");
        var out =
                run("adapters", "inspect", adapter, "--json", "--model", SD3.resolve("model"))
                        .ok()
                        .out();
        var json = new ObjectMapper().readTree(out);
        assertEquals("transformer", json.path("network").asText());
        assertEquals("LoRA", json.path("kind").asText());
        assertEquals("exact", json.path("exports").path("kohya").asText());
        assertTrue(json.path("model").path("fits").asBoolean());
        var modules = json.path("modules");
        assertEquals(AdapterFile.read(adapter).modules().size(), modules.size());
        modules.forEach(
                m -> {
                    double change = m.path("relative_change").asDouble();
                    assertTrue(change > 0 && Double.isFinite(change), m.toString());
                });
    }
}
