package io.mitune.diffusion.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.ParityCase;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.sampling.SamplingRequest.Entry;
import io.mitune.diffusion.sampling.SamplingSettings.Score;
import io.mitune.diffusion.scheduler.SchedulerKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From texts to pictures on a tiny random model. */
class ImageGeneratorTest {
    private static final ParityCase PARITY = ParityCase.of("epsilon-fp32");
    private static final List<Optional<String>> NEGATIVES =
            List.of(Optional.of("a mat"), Optional.empty(), Optional.of(""));
    private static StableDiffusion model;

    @BeforeAll
    static void load() {
        model = StableDiffusion.load(PARITY.model(), LoadOptions.plain());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static SamplingSettings settings(int microBatch) {
        return new SamplingSettings(SchedulerKind.DDPM, 4, 2, Score.OFFICIAL, microBatch);
    }

    private static List<Entry> entries(String... prompts) {
        return IntStream.range(0, prompts.length)
                .mapToObj(i -> new Entry(prompts[i], NEGATIVES.get(i % NEGATIVES.size()), 70 + i))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"epsilon-fp32, 12, 8", "xl-fp32, 8, 4", "xl-fp32, 6, 10"})
    void mixedPromptsGiveWhatEachGivesAlone(String name, int height, int width) {
        var entries = entries("the red cat", "a blue dog", "the red cat", "", "a mat", "a mat");
        try (var model = StableDiffusion.load(ParityCase.of(name).model(), LoadOptions.plain());
                var generator = new ImageGenerator(model)) {
            int scale = model.vaeConfig().scale();
            int h = height * scale;
            int w = width * scale;
            var request = new SamplingRequest(entries, settings(4), h, w);
            var together = generator.generate(request, SamplingListener.NONE);
            assertEquals(new Shape(4, height, width), together.latentShape());
            for (int i = 0; i < entries.size(); i++) {
                var alone = new SamplingRequest(entries.subList(i, i + 1), settings(1), h, w);
                var expected = generator.generate(alone, SamplingListener.NONE).samples().get(0);
                var found = together.samples().get(i);
                assertArrayEquals(expected.latents(), found.latents(), 1e-4f);
                assertEquals(
                        expected.mi().getAsDouble(),
                        found.mi().getAsDouble(),
                        1e-4 * expected.mi().getAsDouble());
            }
        }
    }

    /** Also with one text row for all samples, as against a row each: the same to rounding. */
    @Test
    void repeatingARequestGivesTheSameBits() {
        var request =
                SamplingRequest.candidates(
                        "the red cat", Optional.empty(), new long[] {1, 2, 3}, settings(3));
        try (var generator = new ImageGenerator(model)) {
            var first = generator.generate(request, SamplingListener.NONE);
            var again = generator.generate(request, SamplingListener.NONE);
            for (int i = 0; i < 3; i++) {
                assertArrayEquals(
                        first.samples().get(i).latents(), again.samples().get(i).latents());
                assertArrayEquals(first.samples().get(i).terms(), again.samples().get(i).terms());
            }
        }
    }

    @Test
    void requestsLeaveNothingBehind() {
        try (var generator = new ImageGenerator(model)) {
            var counts = new ArrayList<Integer>();
            for (int round = 0; round < 4; round++) {
                var request = new SamplingRequest(entries("the red cat"), settings(1), 24, 16);
                generator.decode(generator.generate(request, SamplingListener.NONE));
                counts.add(model.manager().getManagedArrays().size());
            }
            assertEquals(counts.get(1), counts.get(3));
        }
    }

    @ParameterizedTest
    @CsvSource({"epsilon-fp32, 0.18215", "xl-fp32, 0.13025"})
    void decodesAsTheReferenceDoes(String name, double scalingFactor) {
        var parity = ParityCase.of(name);
        try (var model = StableDiffusion.load(parity.model(), LoadOptions.plain());
                var manager = model.manager().newSubManager();
                var generator = new ImageGenerator(model)) {
            var latents = parity.floats(manager, "vae/latents").mul(scalingFactor);
            var expected = parity.floats(manager, "vae/decoded");
            int width = (int) expected.getShape().get(3);
            var rows = List.of(latents.get(0).toFloatArray(), latents.get(1).toFloatArray());
            var images = generator.decode(rows, latents.getShape().slice(1));
            for (int b = 0; b < 2; b++) {
                for (int channel = 0; channel < 3; channel++) {
                    var plane = expected.get(b).get(channel).toFloatArray();
                    for (int i = 0; i < plane.length; i++) {
                        double byteValue = 255 * Math.max(0, Math.min(1, plane[i] / 2.0 + 0.5));
                        int found = images.get(b).value(i % width, i / width, channel);
                        assertEquals(byteValue, found, 0.501);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epsilon-fp32", "xl-fp32"})
    void bf16DrawsNearlyTheSame(String name) {
        var directory = ParityCase.of(name).model();
        var request =
                SamplingRequest.candidates(
                        "the red cat", Optional.empty(), new long[] {5}, settings(1));
        try (var model = StableDiffusion.load(directory, LoadOptions.plain());
                var half = StableDiffusion.load(directory, LoadOptions.plain().with(Dtype.BF16));
                var generator = new ImageGenerator(model);
                var halfGenerator = new ImageGenerator(half)) {
            var expected = generator.generate(request, SamplingListener.NONE).samples().get(0);
            var found = halfGenerator.generate(request, SamplingListener.NONE).samples().get(0);
            assertTrue(found.finite());
            double error = 0;
            double size = 0;
            for (int i = 0; i < expected.latents().length; i++) {
                error += Math.pow(expected.latents()[i] - found.latents()[i], 2);
                size += Math.pow(expected.latents()[i], 2);
            }
            double relative = Math.sqrt(error / size);
            assertTrue(relative > 0 && relative < 0.05, "relative difference " + relative);
            double mi = expected.mi().getAsDouble();
            assertEquals(mi, found.mi().getAsDouble(), 0.1 * mi);
        }
    }

    @Test
    void refusesSizesThatDoNotFit() {
        for (int height : new int[] {-2, 1, 25, 100_000}) {
            var error =
                    assertThrows(
                            IllegalArgumentException.class, () -> model.latentShape(height, 16));
            assertEquals(
                    "height: expected a multiple of 2 up to 4096, found " + height,
                    error.getMessage());
        }
        assertFalse(model.latentShape(0, 0).isScalar());
    }
}
