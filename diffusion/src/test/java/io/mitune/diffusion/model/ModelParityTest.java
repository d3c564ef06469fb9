package io.mitune.diffusion.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.ParityCase;
import io.mitune.diffusion.nn.Adapters;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.LinearAdapter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every network against what diffusers and transformers compute from the same files. */
class ModelParityTest {
    private static final double TOLERANCE = 1e-4;

    /** bf16 has 8 bits of mantissa; some hundred roundings in a row lose a few per cent. */
    private static final double BF16_TOLERANCE = 0.06;

    static Stream<String> cases() {
        return Stream.concat(ParityCase.NAMES.stream(), ParityCase.FLOW.stream());
    }

    /** The other families have an adapter without a gradient; see Sd3TransformerTest. */
    static Stream<String> diffusionCases() {
        return ParityCase.NAMES.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void textEmbeddings(String name) {
        checkTexts(name, LoadOptions.plain(), TOLERANCE);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void textEmbeddingsInBf16(String name) {
        checkTexts(name, LoadOptions.plain().with(Dtype.BF16), BF16_TOLERANCE);
    }

    private static void checkTexts(String name, LoadOptions options, double tolerance) {
        var parity = ParityCase.of(name);
        try (var model = StableDiffusion.load(parity.model(), options)) {
            var texts = new ArrayList<String>();
            parity.settings().get("texts").forEach(t -> texts.add(t.asText()));
            var found = model.encode(model.manager(), texts);
            parity.assertClose("text/embeddings", found.encoderHiddenStates(), tolerance);
            assertEquals(parity.has("text/pooled"), found.pooled().isPresent());
            found.pooled().ifPresent(p -> parity.assertClose("text/pooled", p, tolerance));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void unet(String name) {
        checkUnet(name, LoadOptions.plain(), TOLERANCE);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void unetInBf16(String name) {
        checkUnet(name, LoadOptions.plain().with(Dtype.BF16), BF16_TOLERANCE);
    }

    /** The way with adapters must compute the same as the way without. */
    @ParameterizedTest
    @MethodSource("cases")
    void unetWithAdaptersThatChangeNothing(String name) {
        Adapters none = (path, layer) -> Optional.of((x, frozen) -> frozen.base(x));
        checkUnet(name, LoadOptions.plain().with(none), TOLERANCE);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void autoencoder(String name) {
        var parity = ParityCase.of(name);
        try (var model = StableDiffusion.load(parity.model(), LoadOptions.plain());
                var manager = model.manager().newSubManager()) {
            var posterior = model.vae().encode(parity.get(manager, "vae/image"));
            parity.assertClose("vae/mean", posterior.mean(), TOLERANCE);
            parity.assertClose("vae/logvar", posterior.logvar(), TOLERANCE);
            var image = model.vae().decode(parity.get(manager, "vae/latents"));
            parity.assertClose("vae/decoded", image, TOLERANCE);
        }
    }

    /** What merging an adapter does: the network follows the weight in place, and comes back. */
    @Test
    void exchangedWeightsTakeEffectAndAreGivenBack() {
        var parity = ParityCase.of("epsilon-fp32");
        try (var model = StableDiffusion.load(parity.model(), LoadOptions.plain());
                var manager = model.manager().newSubManager()) {
            var layers = model.denoiser().projections();
            var loaded = forward(model, parity, manager);
            for (var layer : layers) {
                layer.exchangeWeight(layer.loadedWeight().mul(1.25));
            }
            var merged = forward(model, parity, manager);
            Adapters same =
                    (path, layer) ->
                            attention(
                                    path,
                                    (x, frozen) -> {
                                        frozen.exchangeWeight(frozen.loadedWeight().mul(1.25));
                                        return frozen.base(x);
                                    });
            var options = LoadOptions.plain().with(same);
            try (var plain = StableDiffusion.load(parity.model(), options)) {
                assertEquals(0, difference(forward(plain, parity, manager), merged), TOLERANCE);
            }
            assertTrue(difference(loaded, merged) > 100 * TOLERANCE);
            layers.forEach(Linear::restoreWeight);
            assertEquals(0, difference(loaded, forward(model, parity, manager)));
        }
    }

    /** The slope of the output along a change of one adapter, against a finite difference. */
    @ParameterizedTest
    @MethodSource("diffusionCases")
    void gradientsReachEveryAdapter(String name) {
        var parity = ParityCase.of(name);
        try (var leaves = NDManager.newBaseManager()) {
            var scales = new ArrayList<NDArray>();
            Adapters scaling =
                    (path, layer) -> {
                        if (!path.contains(".attn")) {
                            return Optional.empty();
                        }
                        var scale = leaves.create(new float[] {1});
                        scale.setRequiresGradient(true);
                        scales.add(scale);
                        return Optional.of((x, frozen) -> frozen.base(x).mul(scale));
                    };
            try (var model =
                            StableDiffusion.load(
                                    parity.model(), LoadOptions.plain().with(scaling));
                    var manager = model.manager().newSubManager();
                    var collector = Engine.getInstance().newGradientCollector()) {
                var output = forward(model, parity, manager);
                collector.backward(output.square().mean());
            }
            assertEquals(scales.size(), (int) scales.stream().filter(s -> slope(s) != 0).count());
            int index = scales.size() / 8 * 4; // a to_q
            float expected = finiteDifference(parity, index);
            assertEquals(expected, slope(scales.get(index)), 0.01 * Math.abs(expected));
        }
    }

    private static Optional<LinearAdapter> attention(String path, LinearAdapter adapter) {
        return path.contains(".attn") ? Optional.of(adapter) : Optional.empty();
    }

    private static float slope(NDArray leaf) {
        return leaf.getGradient().getFloat();
    }

    /** Of the mean square of the output, along the scale of the adapter with this index. */
    private static float finiteDifference(ParityCase parity, int index) {
        var options = LoadOptions.plain();
        try (var model = StableDiffusion.load(parity.model(), options);
                var manager = model.manager().newSubManager()) {
            var layer = model.denoiser().projections().get(index);
            assertTrue(layer.bias().isEmpty(), "the test scales the weight only");
            var values = new float[2];
            for (int i = 0; i < 2; i++) {
                layer.exchangeWeight(layer.loadedWeight().mul(i == 0 ? 0.98 : 1.02));
                values[i] = forward(model, parity, manager).square().mean().getFloat();
            }
            return (values[1] - values[0]) / 0.04f;
        }
    }

    /** One text for several samples, and one time for all, are the repeated ones. */
    @ParameterizedTest
    @MethodSource("cases")
    void sharedTextAndTime(String name) {
        var parity = ParityCase.of(name);
        try (var model = StableDiffusion.load(parity.model(), LoadOptions.plain());
                var manager = model.manager().newSubManager()) {
            var one = parity.get(manager, "unet/sample");
            var sample = one.concat(one.flip(2), 0); // 6 samples
            var texts = parity.text(manager, "unet");
            var two = TextEmbedding.concat(manager, List.of(texts.get(0), texts.get(1)));
            var repeated = List.of(0, 0, 0, 1, 1, 1).stream().map(texts::get).toList();
            var time = manager.create(new float[] {481});
            var shared = model.denoiser().forward(sample, time, two);
            var full =
                    model.denoiser()
                            .forward(
                                    sample,
                                    time.repeat(0, 6),
                                    TextEmbedding.concat(manager, repeated));
            double error = shared.sub(full).abs().max().getFloat();
            assertEquals(0, error / full.abs().max().getFloat(), TOLERANCE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"velocity-fp16", "xl-fp16"})
    void forwardsLeaveNoArraysBehind(String name) {
        var parity = ParityCase.of(name);
        try (var model = StableDiffusion.load(parity.model(), LoadOptions.plain());
                var manager = model.manager().newSubManager()) {
            var sample = parity.get(manager, "unet/sample");
            var time = parity.floats(manager, "unet/timesteps");
            var hidden = parity.text(manager, "unet");
            model.vae();
            int before = count(manager);
            var counts =
                    IntStream.range(0, 4)
                            .map(i -> step(model, manager, sample, time, hidden))
                            .toArray();
            assertArrayEquals(new int[] {before + 1, before + 1, before + 1, before + 1}, counts);
            assertEquals(before, count(manager));
        }
    }

    /** Only the prediction is left in the manager while it is open. */
    private static int step(
            StableDiffusion model,
            NDManager manager,
            NDArray x,
            NDArray time,
            TextEmbedding hidden) {
        try (var output = model.denoiser().forward(x, time, hidden)) {
            var latents = manager.zeros(new Shape(1, 4, 5, 7));
            model.vae().decode(latents).close();
            latents.close();
            assertEquals(x.getShape(), output.getShape());
            return count(manager);
        }
    }

    private static int count(NDManager manager) {
        return manager.getManagedArrays().size();
    }

    private static void checkUnet(String name, LoadOptions options, double tolerance) {
        var parity = ParityCase.of(name);
        try (var model = StableDiffusion.load(parity.model(), options);
                var manager = model.manager().newSubManager()) {
            var found = forward(model, parity, manager);
            parity.assertClose("unet/output", found, tolerance);
        }
    }

    private static NDArray forward(StableDiffusion model, ParityCase parity, NDManager manager) {
        return model.denoiser()
                .forward(
                        parity.get(manager, "unet/sample"),
                        parity.floats(manager, "unet/timesteps"),
                        parity.text(manager, "unet"));
    }

    private static double difference(NDArray a, NDArray b) {
        return a.sub(b).abs().max().getFloat() / b.abs().max().getFloat();
    }
}
