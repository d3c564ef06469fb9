package io.mitune.diffusion.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.ParityCase;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.nn.Dtype;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** DoRA and plain LoRA on Stable Diffusion 3, as peft computes them: in training and merged. */
class Sd3AdapterParityTest {
    private static final double TOLERANCE = 1e-4;

    /** bf16 has 8 bits of mantissa; some hundred roundings in a row lose a few per cent. */
    private static final double BF16_TOLERANCE = 0.06;

    @ParameterizedTest
    @CsvSource({
        "sd35-fp32, dora, FP32",
        "sd35-fp32, lora, FP32",
        "sd3-bf16, dora, FP32",
        "sd3-bf16, lora, FP32",
        "sd35-fp32, dora, BF16",
        "sd3-bf16, lora, BF16"
    })
    void asTrained(String name, String kind, Dtype dtype) {
        var parity = ParityCase.of(name);
        var stored = AdapterFile.read(file(parity, kind));
        var adapter = new TrainableAdapter(stored.config(), dtype);
        var options = LoadOptions.plain().with(dtype).with(adapter);
        try (var model = StableDiffusion.load(parity.model(), options);
                var manager = model.manager().newSubManager()) {
            var vector = manager.create(adapter.load(stored));
            adapter.computeNorms(vector);
            adapter.bind(vector);
            parity.assertClose(kind + "/output", forward(model, parity, manager), of(dtype));
        }
    }

    @ParameterizedTest
    @CsvSource({"sd35-fp32, lora, FP32", "sd3-bf16, lora, FP32", "sd35-fp32, dora, BF16"})
    void merged(String name, String kind, Dtype dtype) {
        var parity = ParityCase.of(name);
        var merged = new MergedAdapter(dtype);
        var options = LoadOptions.plain().with(dtype).with(merged);
        try (var model = StableDiffusion.load(parity.model(), options);
                var manager = model.manager().newSubManager()) {
            var before = forward(model, parity, manager).toFloatArray();
            merged.merge(AdapterFile.read(file(parity, kind)));
            parity.assertClose(kind + "/output", forward(model, parity, manager), of(dtype));
            assertTrue(parity.relativeError(kind + "/output", before) > 0.1, "it matters");
            merged.clear();
            assertArrayEquals(before, forward(model, parity, manager).toFloatArray());
        }
    }

    /** peft takes a target as the end of a path: {@code attn.to_q} is none of attn2's. */
    @ParameterizedTest
    @ValueSource(strings = {"sd35-fp32", "sd3-bf16"})
    void theTargetsArePeftsOwn(String name) {
        var parity = ParityCase.of(name);
        var targets = new ArrayList<String>();
        parity.settings().get("targets").forEach(t -> targets.add(t.asText()));
        var adapter = new TrainableAdapter(new DoraConfig(4, 6, targets, true));
        var options = LoadOptions.plain().with(adapter);
        try (var model = StableDiffusion.load(parity.model(), options)) {
            var all = model.denoiser().projections().stream().map(l -> l.path()).toList();
            assertTrue(all.containsAll(adapter.paths()));
        }
        var stored = AdapterFile.read(file(parity, "dora")).modules().keySet();
        assertEquals(new TreeSet<>(stored), new TreeSet<>(adapter.paths()));
        assertFalse(adapter.paths().stream().anyMatch(p -> p.contains("attn2")));
    }

    private static NDArray forward(StableDiffusion model, ParityCase parity, NDManager manager) {
        return model.denoiser()
                .forward(
                        parity.get(manager, "train/noisy"),
                        parity.get(manager, "train/timesteps"),
                        parity.text(manager, "train"));
    }

    private static double of(Dtype dtype) {
        return dtype == Dtype.FP32 ? TOLERANCE : BF16_TOLERANCE;
    }

    private static Path file(ParityCase parity, String kind) {
        return parity.directory().resolve(kind.equals("dora") ? "adapter/peft" : "adapter/lora");
    }
}
