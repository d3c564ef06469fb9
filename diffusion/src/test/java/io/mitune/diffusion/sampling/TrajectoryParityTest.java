package io.mitune.diffusion.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.ParityCase;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.scheduler.SchedulerKind;
import io.mitune.diffusion.scheduler.Schedulers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole guided trajectories, and the MI that falls out of them, against diffusers'. */
class TrajectoryParityTest {
    private static final double TOLERANCE = 1e-4;
    private static final Path DEMO_MODEL = Path.of("../demo/model");

    static Stream<String> cases() {
        return ParityCase.NAMES.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void ddimWithMutualInformation(String name) {
        var parity = ParityCase.of(name);
        try (var model = StableDiffusion.load(parity.model(), LoadOptions.plain());
                var manager = model.manager().newSubManager()) {
            var samples = sample(parity, model, manager, SchedulerKind.DDIM, "trajectory/noise");
            var states = parity.values("trajectory/states");
            var latents = joined(samples);
            var last = Arrays.copyOfRange(states, states.length - latents.length, states.length);
            var error = ParityCase.relativeError(last, latents);
            parity.assertSmall("final latents", error, TOLERANCE);
            checkTimesteps(parity, samples);
            parity.assertClose("trajectory/distances", distances(samples), TOLERANCE);
            parity.assertClose("trajectory/mi", scores(samples), TOLERANCE);
        }
    }

    @ParameterizedTest
    @CsvSource({"epsilon-fp32, EULER", "epsilon-fp32, PNDM", "xl-fp32, EULER"})
    void otherSamplers(String name, SchedulerKind kind) {
        var parity = ParityCase.of(name);
        var key = kind.name().toLowerCase(Locale.ROOT);
        try (var model = StableDiffusion.load(parity.model(), LoadOptions.plain());
                var manager = model.manager().newSubManager()) {
            var samples = sample(parity, model, manager, kind, key + "/start");
            parity.assertClose(key + "/final", joined(samples), TOLERANCE);
        }
    }

    /** The sampler draws its own noise, so that of the record goes through the scheduler here. */
    @Test
    void ddpmWithGivenNoise() {
        var parity = ParityCase.of("epsilon-fp32");
        var settings = parity.settings();
        try (var model = StableDiffusion.load(parity.model(), LoadOptions.plain());
                var manager = model.manager().newSubManager()) {
            var scheduler =
                    Schedulers.create(
                            SchedulerKind.DDPM,
                            model.schedulerConfig(),
                            settings.get("steps").asInt(),
                            parity.get(manager, "ddpm/start").getShape());
            var text = model.encode(manager, texts(parity));
            var noises = parity.get(manager, "ddpm/noises");
            var x = parity.get(manager, "ddpm/start").duplicate();
            var trajectory = scheduler.begin(manager);
            var times = scheduler.timesteps();
            for (int i = 0; i < times.length; i++) {
                var t = manager.create(new float[] {(float) times[i]});
                var halves = model.denoiser().forward(x.concat(x, 0), t, text).split(2);
                var guided = guided(halves, settings.get("guidance").floatValue());
                trajectory.step(i, x, guided, k -> noises.get(k));
            }
            parity.assertClose("ddpm/final", x, TOLERANCE);
        }
    }

    /** A trained network, read as users read it; its fp16 file computes in fp32. */
    @ParameterizedTest
    @EnumSource(
            value = SchedulerKind.class,
            names = {"DDIM", "EULER", "PNDM"})
    void demoModel(SchedulerKind kind) {
        var parity = ParityCase.of("demo");
        var key = kind.name().toLowerCase(Locale.ROOT);
        try (var model = StableDiffusion.load(DEMO_MODEL, LoadOptions.plain());
                var manager = model.manager().newSubManager()) {
            var samples = sample(parity, model, manager, kind, "start");
            parity.assertClose(key + "/final", joined(samples), TOLERANCE);
            if (kind == SchedulerKind.DDIM) {
                parity.assertClose("ddim/distances", distances(samples), TOLERANCE);
                parity.assertClose("ddim/mi", scores(samples), TOLERANCE);
                var latents = parity.get(manager, "ddim/final");
                var image = model.vae().decode(latents.div(model.vaeConfig().scalingFactor()));
                parity.assertClose("ddim/image", image, TOLERANCE);
            }
        }
    }

    private static NDArray guided(NDList halves, float guidance) {
        var unconditional = halves.get(0);
        return unconditional.add(halves.get(1).sub(unconditional).mul(guidance));
    }

    private static Samples sample(
            ParityCase parity,
            StableDiffusion model,
            NDManager manager,
            SchedulerKind kind,
            String startKey) {
        var settings = parity.settings();
        var sampling =
                new SamplingSettings(
                        kind,
                        settings.get("steps").asInt(),
                        settings.get("guidance").asDouble(),
                        SamplingSettings.Score.OFFICIAL,
                        4);
        var sampler = new Sampler(manager, model.denoiser()::forward, model.schedulerConfig());
        var start = parity.get(manager, startKey);
        var latent = start.getShape().slice(1);
        return sampler.sample(
                sampling, latent, specs(parity, model, manager, start), new SamplingListener() {});
    }

    private static List<SampleSpec> specs(
            ParityCase parity, StableDiffusion model, NDManager manager, NDArray start) {
        int count = (int) start.getShape().get(0);
        var text = model.encode(manager, texts(parity));
        var specs = new ArrayList<SampleSpec>();
        for (int i = 0; i < count; i++) {
            var own = start.get(i).toFloatArray();
            specs.add(new SampleSpec(i, text.get(count + i), text.get(i), Optional.of(own)));
        }
        return specs;
    }

    /** The negative prompt for each prompt, then the prompts: the halves of a guided batch. */
    private static List<String> texts(ParityCase parity) {
        var settings = parity.settings();
        var prompts = new ArrayList<String>();
        settings.get("prompts").forEach(p -> prompts.add(p.asText()));
        var texts = new ArrayList<String>();
        prompts.forEach(p -> texts.add(settings.get("negative_prompt").asText()));
        texts.addAll(prompts);
        return texts;
    }

    private static float[] joined(Samples samples) {
        int size = Math.toIntExact(samples.latentShape().size());
        var all = new float[samples.samples().size() * size];
        for (int i = 0; i < samples.samples().size(); i++) {
            System.arraycopy(samples.samples().get(i).latents(), 0, all, i * size, size);
        }
        return all;
    }

    private static float[] scores(Samples samples) {
        var scores = new float[samples.samples().size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = (float) samples.samples().get(i).mi().orElseThrow();
        }
        return scores;
    }

    /** || eps_u - eps_c ||^2 by step and sample: the terms without their weights. */
    private static float[] distances(Samples samples) {
        var weights = samples.weights().weights();
        int count = samples.samples().size();
        var distances = new float[weights.length * count];
        for (int k = 0; k < weights.length; k++) {
            for (int b = 0; b < count; b++) {
                double term = samples.samples().get(b).terms()[k];
                distances[k * count + b] = (float) (term / weights[k]);
            }
        }
        return distances;
    }

    private static void checkTimesteps(ParityCase parity, Samples samples) {
        var expected = parity.values("trajectory/timesteps");
        assertEquals(expected.length, samples.timesteps().length);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], samples.timesteps()[i], "timestep " + i);
        }
    }
}
