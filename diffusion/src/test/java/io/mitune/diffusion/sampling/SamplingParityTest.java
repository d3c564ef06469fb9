package io.mitune.diffusion.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.ParityCase;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.sampling.SamplingRequest.Entry;
import io.mitune.diffusion.sampling.SamplingSettings.Score;
import io.mitune.diffusion.scheduler.SchedulerKind;
import io.mitune.diffusion.scheduler.Schedulers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Trajectories and scores of the real diffusers on tiny random models (parity/README.md). */
class SamplingParityTest {
    static final List<String> CASES = ParityCase.NAMES;

    private static final double TOLERANCE = 1e-4;

    /** The whole way from texts: latents at the end, every term of the score, the score. */
    @ParameterizedTest
    @FieldSource("CASES")
    void ddimAndItsScore(String name) {
        checkDdim(name, "trajectory");
    }

    /** Against zeros where the pipeline says so, and else against the empty text. */
    @ParameterizedTest
    @ValueSource(strings = {"xl-fp32", "xl-fp16"})
    void withoutANegativePrompt(String name) {
        checkDdim(name, "no_negative");
    }

    private static void checkDdim(String name, String records) {
        var parity = ParityCase.of(name);
        try (var model = StableDiffusion.load(parity.model(), LoadOptions.plain());
                var manager = model.manager().newSubManager()) {
            var settings = settings(parity, SchedulerKind.DDIM, Score.OFFICIAL);
            var samples = generate(parity, model, settings, records + "/noise", manager);
            assertArrayEquals(
                    toDoubles(parity.floats(manager, records + "/timesteps").toFloatArray()),
                    samples.timesteps());
            var states = parity.floats(manager, records + "/states");
            long last = states.getShape().get(0) - 1;
            assertClose("latents", states.get(last), latents(samples, manager));
            assertClose(
                    "distances",
                    parity.floats(manager, records + "/distances").transpose(),
                    distances(samples, manager));
            parity.assertClose(records + "/mi", scores(samples, manager), TOLERANCE);
        }
    }

    @ParameterizedTest
    @CsvSource({"epsilon-fp32, euler", "epsilon-fp32, pndm", "xl-fp32, euler"})
    void finalLatentsOfOtherSamplers(String name, String sampler) {
        var parity = ParityCase.of(name);
        try (var model = StableDiffusion.load(parity.model(), LoadOptions.plain());
                var manager = model.manager().newSubManager()) {
            var settings = settings(parity, SchedulerKind.of(sampler), Score.NONE);
            var samples = generate(parity, model, settings, sampler + "/start", manager);
            parity.assertClose(sampler + "/final", latents(samples, manager), TOLERANCE);
        }
    }

    /** With the reference's noise in place of the candidates' own. */
    @Test
    void finalLatentsOfDdpm() {
        var parity = ParityCase.of("epsilon-fp32");
        try (var model = StableDiffusion.load(parity.model(), LoadOptions.plain());
                var manager = model.manager().newSubManager()) {
            var settings = settings(parity, SchedulerKind.DDPM, Score.NONE);
            var scheduler =
                    Schedulers.create(
                            SchedulerKind.DDPM,
                            model.schedulerConfig(),
                            settings.steps(),
                            parity.floats(manager, "ddpm/start").getShape());
            var texts = new ArrayList<String>(List.of("", ""));
            prompts(parity).forEach(texts::add);
            var text = model.encode(manager, texts);
            var x = parity.floats(manager, "ddpm/start").duplicate();
            var noises = parity.floats(manager, "ddpm/noises");
            new DenoisingLoop(model.denoiser()::forward, scheduler, settings)
                    .run(
                            x,
                            text,
                            true,
                            List.of(),
                            (step, into) -> noises.get(step - 1),
                            manager,
                            new Sampler.BatchProgress(SamplingListener.NONE, 0, 2, 2));
            parity.assertClose("ddpm/final", x, TOLERANCE);
        }
    }

    private static Samples generate(
            ParityCase parity,
            StableDiffusion model,
            SamplingSettings settings,
            String start,
            NDManager manager) {
        var starts = parity.floats(manager, start);
        var negative =
                Optional.of(parity.settings().get("negative_prompt").textValue())
                        .filter(text -> !start.startsWith("no_negative"));
        var entries = new ArrayList<Entry>();
        for (var prompt : prompts(parity)) {
            var own = starts.get(entries.size()).toFloatArray();
            entries.add(new Entry(prompt, negative, 0, Optional.of(own)));
        }
        int scale = model.vaeConfig().scale();
        int height = (int) starts.getShape().get(2) * scale;
        int width = (int) starts.getShape().get(3) * scale;
        try (var generator = new ImageGenerator(model)) {
            return generator.generate(
                    new SamplingRequest(entries, settings, height, width), SamplingListener.NONE);
        }
    }

    private static SamplingSettings settings(ParityCase parity, SchedulerKind kind, Score score) {
        var recorded = parity.settings();
        return new SamplingSettings(
                kind,
                recorded.get("steps").intValue(),
                recorded.get("guidance").doubleValue(),
                score,
                2);
    }

    private static List<String> prompts(ParityCase parity) {
        var prompts = new ArrayList<String>();
        parity.settings().get("prompts").forEach(p -> prompts.add(p.textValue()));
        return prompts;
    }

    private static NDArray latents(Samples samples, NDManager manager) {
        var rows = samples.samples().stream().map(Sample::latents).toArray(float[][]::new);
        return manager.create(rows).reshape(new Shape(rows.length).addAll(samples.latentShape()));
    }

    /** Terms without their weights. */
    private static NDArray distances(Samples samples, NDManager manager) {
        var weights = samples.weights().weights();
        var rows = new float[samples.samples().size()][weights.length];
        for (int b = 0; b < rows.length; b++) {
            for (int k = 0; k < weights.length; k++) {
                rows[b][k] = (float) (samples.samples().get(b).terms()[k] / weights[k]);
            }
        }
        return manager.create(rows);
    }

    private static NDArray scores(Samples samples, NDManager manager) {
        var scores = new float[samples.samples().size()];
        for (int b = 0; b < scores.length; b++) {
            scores[b] = (float) samples.samples().get(b).mi().orElseThrow();
        }
        return manager.create(scores);
    }

    private static void assertClose(String what, NDArray expected, NDArray found) {
        double error = found.sub(expected).abs().max().getFloat();
        double relative = error / expected.abs().max().getFloat();
        assertEquals(expected.getShape(), found.getShape());
        assertTrue(relative <= TOLERANCE, what + ": relative error " + relative);
    }

    private static double[] toDoubles(float[] values) {
        var doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }
}
