package io.mitune.diffusion.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SD 3 from texts to latents with both RFMI estimators, beside diffusers' pipeline. */
class Sd3SamplingParityTest {
    private static final double TOLERANCE = 1e-4;

    @ParameterizedTest
    @CsvSource({
        "sd35-fp32, OFFICIAL, guided, 2",
        "sd35-fp32, PAPER, conditional, 1",
        "sd3-bf16, OFFICIAL, guided, 1",
        "sd3-bf16, PAPER, conditional, 2"
    })
    void latentsTermsAndScore(String name, MiEstimator estimator, String record, int microBatch) {
        var parity = ParityCase.of(name);
        var settings =
                new SamplingSettings(
                        SchedulerKind.FLOW_MATCH_EULER,
                        parity.settings().get("steps").intValue(),
                        parity.settings().get("guidance").doubleValue(),
                        new Score(true, estimator, Score.OFFICIAL_CUT),
                        microBatch);
        var samples = generate(parity, settings);
        var key = "trajectory/rfmi/" + record;
        parity.assertSmall(
                "timesteps",
                ParityCase.relativeError(
                        parity.values("trajectory/timesteps"), floats(samples.timesteps())),
                1e-6);
        parity.assertClose(key + "/terms", terms(samples), TOLERANCE);
        var scores = samples.samples().stream().mapToDouble(s -> s.mi().orElseThrow()).toArray();
        parity.assertClose(key + "/mi", floats(scores), TOLERANCE);
        var latents = new float[0];
        for (var sample : samples.samples()) {
            latents = joined(latents, sample.latents());
        }
        var states = parity.values("trajectory/states");
        var last = new float[latents.length];
        System.arraycopy(states, states.length - last.length, last, 0, last.length);
        parity.assertSmall("latents", ParityCase.relativeError(last, latents), TOLERANCE);
    }

    /** Step by step: the sizes of the tokens come from the model. */
    @ParameterizedTest
    @ValueSource(strings = {"sd35-fp32", "sd3-bf16"})
    void scheduleOfTheModel(String name) {
        var parity = ParityCase.of(name);
        var shape = parity.records().info("trajectory/noise").dims();
        try (var model = StableDiffusion.load(parity.model(), LoadOptions.plain())) {
            for (int steps : List.of(1, 5, 28)) {
                var scheduler =
                        Schedulers.create(
                                model.schedulerConfig().requireOwnKind(),
                                model.schedulerConfig(),
                                steps,
                                new Shape(shape));
                var expected = parity.values("schedule/" + steps + "/timesteps");
                assertArrayEquals(expected, floats(scheduler.timesteps()), 1e-3f);
                assertEquals(1, scheduler.initNoiseSigma());
            }
        }
    }

    private static Samples generate(ParityCase parity, SamplingSettings settings) {
        var noise = parity.values("trajectory/noise");
        var shape = parity.records().info("trajectory/noise").dims();
        int size = (int) (shape[1] * shape[2] * shape[3]);
        var negative = parity.settings().get("negative_prompt").textValue();
        var entries = new ArrayList<Entry>();
        for (var prompt : parity.settings().get("prompts")) {
            var own = new float[size];
            System.arraycopy(noise, entries.size() * size, own, 0, size);
            entries.add(new Entry(prompt.textValue(), Optional.of(negative), 0, Optional.of(own)));
        }
        try (var model = StableDiffusion.load(parity.model(), LoadOptions.plain());
                var generator = new ImageGenerator(model)) {
            int scale = model.vaeConfig().scale();
            return generator.generate(
                    new SamplingRequest(
                            entries, settings, (int) shape[2] * scale, (int) shape[3] * scale),
                    SamplingListener.NONE);
        }
    }

    /** [steps][samples], as recorded. */
    private static float[] terms(Samples samples) {
        int count = samples.samples().size();
        var terms = new float[samples.timesteps().length * count];
        for (int i = 0; i < terms.length; i++) {
            terms[i] = samples.samples().get(i % count).terms()[i / count];
        }
        return terms;
    }

    private static float[] joined(float[] a, float[] b) {
        var both = new float[a.length + b.length];
        System.arraycopy(a, 0, both, 0, a.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    private static float[] floats(double[] values) {
        var floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }
}
