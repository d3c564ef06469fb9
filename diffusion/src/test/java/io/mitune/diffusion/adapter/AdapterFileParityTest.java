package io.mitune.diffusion.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.diffusion.ParityCase;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters as the real peft and diffusers write them: read, used merged, written again. */
class AdapterFileParityTest {
    private static final double TOLERANCE = 1e-4;

    static Stream<String> cases() {
        return Stream.concat(ParityCase.NAMES.stream(), ParityCase.FLOW.stream());
    }

    @TempDir Path folder;

    @ParameterizedTest
    @MethodSource("cases")
    void bothFormsHoldTheSameAdapter(String name) {
        var parity = ParityCase.of(name);
        var peft = AdapterFile.read(peft(parity));
        var diffusers = AdapterFile.read(diffusers(parity));
        assertSame(peft, diffusers);
        var settings = parity.settings();
        for (var adapter : List.of(peft, diffusers)) {
            assertEquals(settings.get("rank").asInt(), adapter.config().rank());
            assertEquals(settings.get("alpha").asDouble(), adapter.config().alpha());
            assertTrue(adapter.config().useDora());
            var targets = new TreeSet<String>();
            settings.get("targets").forEach(t -> targets.add(t.asText()));
            assertEquals(targets, new TreeSet<>(adapter.config().targetModules()));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void writtenFilesHoldPeftsOwnNamesAndValues(String name) {
        var parity = ParityCase.of(name);
        var adapter = AdapterFile.read(diffusers(parity));
        AdapterFile.write(
                folder.resolve("peft"), AdapterFormat.PEFT, adapter, Dtype.FP32, Optional.empty());
        AdapterFile.writeDiffusers(folder.resolve(AdapterFile.DIFFUSERS_NAME), adapter);
        assertSame(adapter, AdapterFile.read(folder.resolve("peft")));
        assertSame(adapter, AdapterFile.read(folder.resolve(AdapterFile.DIFFUSERS_NAME)));
        var expected = SafetensorsFile.open(peft(parity).resolve(AdapterFile.PEFT_WEIGHTS)).names();
        var ours = SafetensorsFile.open(folder.resolve("peft").resolve(AdapterFile.PEFT_WEIGHTS));
        assertEquals(Map.copyOf(shapes(expected, ours)), shapes(ours.names(), ours));
    }

    /** diffusers' converter drops the magnitudes and takes alpha to be the rank. */
    @ParameterizedTest
    @ValueSource(strings = {"epsilon-fp32", "velocity-fp16"})
    void kohyasNamesAreThoseOfDiffusersConverter(String name) {
        var parity = ParityCase.of(name);
        var file = parity.directory().resolve("adapter/kohya/lora.safetensors");
        var stored = AdapterFile.open(file, Optional.of(BaseModel.open(parity.model())));
        assertEquals(AdapterFormat.KOHYA, stored.format());
        assertEquals(4, stored.adapter().config().alpha());
        var expected = AdapterFile.read(peft(parity)).modules();
        assertEquals(expected.keySet(), stored.adapter().modules().keySet());
        expected.forEach(
                (path, f) -> {
                    assertArrayEquals(f.a(), stored.adapter().modules().get(path).a(), path);
                    assertArrayEquals(f.b(), stored.adapter().modules().get(path).b(), path);
                });
        var written = folder.resolve("kohya.safetensors");
        AdapterFile.write(
                written, AdapterFormat.KOHYA, stored.adapter(), Dtype.FP32, Optional.empty());
        var ours = SafetensorsFile.open(written);
        var theirs = SafetensorsFile.open(file);
        assertEquals(shapes(theirs.names(), theirs), shapes(ours.names(), ours));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void mergedForward(String name) {
        var parity = ParityCase.of(name);
        var merged = new MergedAdapter(Dtype.FP32);
        try (var model = StableDiffusion.load(parity.model(), LoadOptions.plain().with(merged));
                var manager = model.manager().newSubManager()) {
            var sample = parity.get(manager, "train/noisy");
            var timesteps = parity.floats(manager, "train/timesteps");
            var hidden = parity.text(manager, "train");
            var before = model.denoiser().forward(sample, timesteps, hidden).toFloatArray();
            merged.merge(AdapterFile.read(diffusers(parity)));
            var output = model.denoiser().forward(sample, timesteps, hidden);
            parity.assertClose("dora/output", output, TOLERANCE);
            assertTrue(parity.relativeError("dora/output", before) > 0.1, "the adapter matters");
            merged.clear();
            var after = model.denoiser().forward(sample, timesteps, hidden).toFloatArray();
            assertArrayEquals(before, after, "the base model is back");
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void mergedCheckpointForward(String name) {
        var parity = ParityCase.of(name);
        var adapter = AdapterFile.read(diffusers(parity));
        var merged = folder.resolve("merged");
        MergedCheckpoint.write(
                merged, BaseModel.open(parity.model()), adapter, Optional.of(Dtype.FP32), () -> {});
        try (var model = StableDiffusion.load(merged, LoadOptions.plain());
                var manager = model.manager().newSubManager()) {
            var output =
                    model.denoiser()
                            .forward(
                                    parity.get(manager, "train/noisy"),
                                    parity.floats(manager, "train/timesteps"),
                                    parity.text(manager, "train"));
            parity.assertClose("dora/output", output, TOLERANCE);
        }
    }

    private static Map<String, List<Long>> shapes(Iterable<String> names, SafetensorsFile file) {
        var shapes = new LinkedHashMap<String, List<Long>>();
        names.forEach(name -> shapes.put(name, file.info(name).shape()));
        return shapes;
    }

    private static Path peft(ParityCase parity) {
        return parity.directory().resolve("adapter/peft");
    }

    private static Path diffusers(ParityCase parity) {
        return parity.directory().resolve("adapter/diffusers");
    }

    private static void assertSame(AdapterWeights expected, AdapterWeights found) {
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
}
