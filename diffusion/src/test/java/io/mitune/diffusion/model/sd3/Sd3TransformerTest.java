package io.mitune.diffusion.model.sd3;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.ParityCase;
import io.mitune.diffusion.model.TextEmbedding;
import io.mitune.diffusion.nn.Adapters;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.Weights;
import io.mitune.diffusion.safetensors.WeightFiles;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The transformer alone, against what diffusers computes from the same files. */
class Sd3TransformerTest {
    private static final double TOLERANCE = 1e-4;

    /** bf16 has 8 bits of mantissa; some hundred roundings in a row lose a few per cent. */
    private static final double BF16_TOLERANCE = 0.06;

    /** fp16 has 11. */
    private static final double FP16_TOLERANCE = 0.01;

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager("PyTorch");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sd35-fp32", "sd3-bf16"})
    void sameVelocityInFp16(String name) {
        check(name, Dtype.FP16, Adapters.NONE, FP16_TOLERANCE);
    }

    /** The ways for training, without an adapter and with one that changes nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"sd35-fp32", "sd3-bf16"})
    void sameVelocityInTraining(String name) {
        check(name, Dtype.FP32, (path, layer) -> Optional.empty(), TOLERANCE);
        Adapters same = (path, layer) -> Optional.of((x, frozen) -> frozen.base(x));
        check(name, Dtype.BF16, same, BF16_TOLERANCE);
    }

    /** One text for several samples, each at its own time. */
    @ParameterizedTest
    @ValueSource(strings = {"sd35-fp32", "sd3-bf16"})
    void sharedTextAtSeveralTimes(String name) {
        var parity = ParityCase.of(name);
        var model = load(parity, Dtype.FP32, Adapters.NONE);
        var one = parity.get(manager, "unet/sample");
        var sample = one.concat(one.flip(2), 0); // 6 samples
        var text = parity.text(manager, "unet");
        var two = TextEmbedding.concat(manager, List.of(text.get(0), text.get(1)));
        var repeated = Stream.of(0, 0, 0, 1, 1, 1).map(text::get).toList();
        var times = manager.create(new float[] {1, 100, 200, 300, 400, 500});
        var shared = model.forward(sample, times, two);
        var full = model.forward(sample, times, TextEmbedding.concat(manager, repeated));
        double error = shared.sub(full).abs().max().getFloat() / full.abs().max().getFloat();
        parity.assertSmall("shared text", error, TOLERANCE);
    }

    /** Every adapter that can change the result has a slope; the one that cannot has none. */
    @ParameterizedTest
    @ValueSource(strings = {"sd35-fp32", "sd3-bf16"})
    void gradientsReachEveryAdapter(String name) {
        var parity = ParityCase.of(name);
        var scales = new TreeMap<String, NDArray>();
        Adapters scaling =
                (path, layer) -> {
                    if (!path.contains(".attn")) {
                        return Optional.empty();
                    }
                    var scale = manager.create(new float[] {1});
                    scale.setRequiresGradient(true);
                    scales.put(path, scale);
                    return Optional.of((x, frozen) -> frozen.base(x).mul(scale));
                };
        var model = load(parity, Dtype.FP32, scaling);
        assertEquals(
                scales.keySet().stream().toList(),
                model.projections().stream().map(l -> l.path()).sorted().toList());
        try (var collector = Engine.getInstance().newGradientCollector()) {
            collector.backward(forward(model, parity).square().mean());
        }
        int last = model.config().numLayers() - 1;
        scales.forEach(
                (path, scale) -> {
                    boolean unused = path.endsWith(last + ".attn.add_q_proj");
                    boolean flows = scale.hasGradient() && scale.getGradient().getFloat() != 0;
                    assertEquals(!unused, flows, path);
                });
    }

    @Test
    void listsTheTargetsOfTheOfficialRecipe() {
        var model = load(ParityCase.of("sd35-fp32"), Dtype.FP32, Adapters.NONE);
        var paths = model.projections().stream().map(l -> l.path()).toList();
        assertEquals(2 * (8 + 4) + 7, paths.size());
        assertTrue(paths.contains("transformer_blocks.0.attn.to_add_out"));
        assertTrue(paths.contains("transformer_blocks.1.attn2.to_out.0"));
        assertTrue(paths.contains("transformer_blocks.2.attn.add_q_proj"));
    }

    @Test
    void refusesWhatDoesNotFit() {
        var parity = ParityCase.of("sd35-fp32");
        var model = load(parity, Dtype.FP32, Adapters.NONE);
        assertRefused(model, new Shape(1, 16, 7, 6), 26, "multiples of 2 up to 18, found 7");
        assertRefused(model, new Shape(1, 16, 20, 6), 26, "multiples of 2 up to 18, found 20");
        assertRefused(model, new Shape(1, 4, 8, 6), 26, "[B, 16, H, W], found (1, 4, 8, 6)");
        assertRefused(model, new Shape(1, 16, 8, 6), 24, "[K, L, 26]");
        var plain = TextEmbedding.of(manager.zeros(new Shape(1, 3, 26)));
        var time = manager.zeros(new Shape(1));
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> model.forward(manager.zeros(new Shape(1, 16, 8, 6)), time, plain));
        assertEquals(
                "transformer: expected pooled texts of shape (1, 22), found none",
                error.getMessage());
    }

    @Test
    void forwardsLeaveNoArraysBehind() {
        for (var adapters :
                List.<Adapters>of(
                        Adapters.NONE,
                        (path, layer) -> Optional.of((x, frozen) -> frozen.base(x)))) {
            var parity = ParityCase.of("sd35-fp32");
            var model = load(parity, Dtype.BF16, adapters);
            var sample = parity.get(manager, "unet/sample");
            var time = parity.floats(manager, "unet/timesteps");
            var text = parity.text(manager, "unet");
            int before = manager.getManagedArrays().size();
            var counts =
                    IntStream.range(0, 3)
                            .map(
                                    i -> {
                                        model.forward(sample, time, text).close();
                                        return manager.getManagedArrays().size();
                                    })
                            .toArray();
            assertArrayEquals(new int[] {before, before, before}, counts);
        }
    }

    private void assertRefused(
            SD3Transformer2DModel model, Shape sample, long features, String expected) {
        var text =
                new TextEmbedding(
                        manager.zeros(new Shape(1, 3, features)),
                        Optional.of(manager.zeros(new Shape(1, 22))));
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () ->
                                model.forward(
                                        manager.zeros(sample), manager.zeros(new Shape(1)), text));
        assertTrue(error.getMessage().contains(expected), error.getMessage());
    }

    private void check(String name, Dtype dtype, Adapters adapters, double tolerance) {
        var parity = ParityCase.of(name);
        var model = load(parity, dtype, adapters);
        parity.assertClose("unet/output", forward(model, parity), tolerance);
    }

    private NDArray forward(SD3Transformer2DModel model, ParityCase parity) {
        return model.forward(
                parity.get(manager, "unet/sample"),
                parity.floats(manager, "unet/timesteps"),
                parity.text(manager, "unet"));
    }

    private SD3Transformer2DModel load(ParityCase parity, Dtype dtype, Adapters adapters) {
        var folder = parity.model().resolve("transformer");
        var files = WeightFiles.find(folder, "diffusion_pytorch_model");
        var weights = Weights.of(files, manager, dtype, adapters);
        var model =
                new SD3Transformer2DModel(weights, Sd3Config.read(folder.resolve("config.json")));
        weights.requireAllRead();
        return model;
    }
}
