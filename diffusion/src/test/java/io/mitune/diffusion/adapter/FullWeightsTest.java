package io.mitune.diffusion.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.diffusion.ParityCase;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import io.mitune.diffusion.safetensors.WeightFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters of all families, as diffusers and peft wrote them, against the models they are of. */
class FullWeightsTest {
    @TempDir Path folder;

    private static AdapterWeights diffusers(String name) {
        return AdapterFile.read(ParityCase.of(name).directory().resolve("adapter/diffusers"));
    }

    private static BaseModel base(String name) {
        return BaseModel.open(ParityCase.of(name).model());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "epsilon-fp32",
                "velocity-fp16",
                "sharded-bf16",
                "xl-fp32",
                "xl-fp16",
                "sd35-fp32",
                "sd3-bf16"
            })
    void kohyaReadsBackWithTheModelsNames(String name) {
        var adapter = diffusers(name);
        var base = base(name);
        base.requireFits(adapter);
        var peft = AdapterFile.read(ParityCase.of(name).directory().resolve("adapter/peft"));
        assertSameFactors(adapter, peft);
        var file = folder.resolve("kohya.safetensors");
        AdapterFile.write(file, AdapterFormat.KOHYA, adapter, Dtype.FP32, Optional.of(base));
        var stored = AdapterFile.open(file, Optional.of(base));
        assertEquals(AdapterFormat.KOHYA, stored.format());
        assertEquals(adapter.config().alpha(), stored.adapter().config().alpha());
        assertSameFactors(adapter, stored.adapter());
    }

    private static void assertSameFactors(AdapterWeights expected, AdapterWeights found) {
        assertEquals(expected.modules().keySet(), found.modules().keySet());
        expected.modules()
                .forEach(
                        (path, f) -> {
                            var g = found.modules().get(path);
                            assertArrayEquals(f.a(), g.a(), path);
                            assertArrayEquals(f.b(), g.b(), path);
                            assertArrayEquals(f.magnitude(), g.magnitude(), path);
                        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"epsilon-fp32", "sharded-bf16", "xl-fp16", "sd35-fp32"})
    void differencesAreThoseOfTheDefinition(String name) {
        var adapter = diffusers(name);
        var base = base(name);
        var file = folder.resolve("difference.safetensors");
        try (var weights = new FullWeights(base, adapter)) {
            weights.writeDifference(file, Dtype.FP32, () -> {});
            weights.relativeChanges(() -> {})
                    .forEach((path, change) -> assertTrue(change > 0.01 && change < 10, path));
        }
        var stored = SafetensorsFile.open(file);
        for (var module : base.kohyaNames().modules(adapter.modules().keySet())) {
            var found = FloatTensors.read(stored, "lora_unet_" + module.name() + ".diff");
            int at = 0;
            for (var path : module.paths()) {
                var expected = difference(adapter, path.orElseThrow(), base);
                var part = Arrays.copyOfRange(found, at, at += expected.length);
                assertTrue(ParityCase.relativeError(expected, part) < 1e-5, path.get());
            }
            assertEquals(found.length, at);
        }
    }

    /** W' - W in double precision, element by element. */
    private static float[] difference(AdapterWeights adapter, String path, BaseModel base) {
        var f = adapter.modules().get(path);
        var w = base.weight(path);
        var result = new float[w.length];
        for (int i = 0; i < f.out(); i++) {
            var row = new double[f.in()];
            double square = 0;
            for (int j = 0; j < f.in(); j++) {
                for (int k = 0; k < f.rank(); k++) {
                    row[j] += (double) f.b()[i * f.rank() + k] * f.a()[k * f.in() + j];
                }
                row[j] = w[i * f.in() + j] + adapter.config().scale() * row[j];
                square += row[j] * row[j];
            }
            double factor = f.isDora() ? f.magnitude()[i] / Math.sqrt(square) : 1;
            for (int j = 0; j < f.in(); j++) {
                result[i * f.in() + j] = (float) (factor * row[j] - w[i * f.in() + j]);
            }
        }
        return result;
    }

    @Test
    void aMergedModelKeepsItsPiecesAndItsOtherParts() throws IOException {
        var parity = ParityCase.of("sharded-bf16");
        var base = base("sharded-bf16");
        var adapter = diffusers("sharded-bf16");
        var merged = folder.resolve("merged");
        var written = new AtomicInteger();
        MergedCheckpoint.write(merged, base, adapter, Optional.empty(), written::incrementAndGet);
        assertEquals(MergedCheckpoint.count(base), written.get());
        assertEquals(names(parity.model()), names(merged));
        for (var name : names(parity.model())) {
            if (!name.matches("unet/.*(safetensors|index\\.json)")) {
                assertEquals(
                        -1,
                        Files.mismatch(parity.model().resolve(name), merged.resolve(name)),
                        name);
            }
        }
        var before = base.files();
        var after = WeightFiles.find(merged.resolve("unet"), "diffusion_pytorch_model");
        assertEquals(before.names(), after.names());
        for (var key : before.names()) {
            var path = key.replaceFirst("\\.weight$", "");
            boolean same = before.fileOf(key).tensor(key).equals(after.fileOf(key).tensor(key));
            assertEquals(!adapter.modules().containsKey(path) || key.equals(path), same, key);
            assertEquals(before.fileOf(key).info(key).type(), after.fileOf(key).info(key).type());
        }
        var index =
                new ObjectMapper()
                        .readTree(
                                merged.resolve(
                                                "unet/diffusion_pytorch_model.safetensors.index.json")
                                        .toFile());
        var total = after.names().stream().mapToLong(k -> after.fileOf(k).info(k).length()).sum();
        assertEquals(total, index.path("metadata").path("total_size").asLong());
    }

    private static TreeSet<String> names(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            var names = new TreeSet<String>();
            files.filter(Files::isRegularFile)
                    .forEach(f -> names.add(folder.relativize(f).toString().replace('\\', '/')));
            return names;
        }
    }

    @Test
    void anAdapterOfAnotherModelIsRefused() {
        var e =
                assertThrows(
                        ModelFileException.class,
                        () -> base("sd35-fp32").requireFits(diffusers("epsilon-fp32")));
        assertTrue(e.getMessage().contains("another family"), e.getMessage());
        e =
                assertThrows(
                        ModelFileException.class,
                        () -> base("sharded-bf16").requireFits(diffusers("velocity-fp16")));
        assertTrue(e.getMessage().contains("adapter weights for down_blocks.0"), e.getMessage());
    }
}
