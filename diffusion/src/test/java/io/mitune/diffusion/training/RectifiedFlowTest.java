package io.mitune.diffusion.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.ParityCase;
import io.mitune.diffusion.model.Family;
import io.mitune.diffusion.model.TextEmbedding;
import io.mitune.diffusion.random.RandomStream;
import io.mitune.diffusion.scheduler.SchedulerConfig;
import io.mitune.diffusion.training.FlowConfig.Weighting;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The flow-matching loss against diffusers' SD3 trainer, on its own predictions. */
class RectifiedFlowTest {
    private static final double TOLERANCE = 1e-4;

    @ParameterizedTest
    @ValueSource(strings = {"sd35-fp32", "sd3-bf16"})
    void trainTable(String name) {
        var parity = ParityCase.of(name);
        var process = process(parity, FlowConfig.official());
        var timesteps = new float[process.steps()];
        var sigmas = new float[process.steps()];
        for (int i = 0; i < timesteps.length; i++) {
            timesteps[i] = (float) process.timestep(i);
            sigmas[i] = (float) process.noise(i);
        }
        parity.assertClose("schedule/train/timesteps", timesteps, 1e-6);
        parity.assertClose("schedule/train/sigmas", sigmas, 1e-6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sd35-fp32", "sd3-bf16"})
    void noisyLatentsTargetsAndTimesteps(String name) {
        var parity = ParityCase.of(name);
        try (var manager = NDManager.newBaseManager()) {
            var problem = problem(parity, manager, FlowConfig.official());
            parity.assertClose("train/noisy", problem.noisy(), TOLERANCE);
            parity.assertClose("train/target", problem.target(), TOLERANCE);
            parity.assertClose("train/timesteps", problem.timesteps(), TOLERANCE);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "sd35-fp32,NONE,none",
        "sd35-fp32,LOGIT_NORMAL,none",
        "sd35-fp32,MODE,none",
        "sd35-fp32,SIGMA_SQRT,sigma_sqrt",
        "sd35-fp32,COSMAP,cosmap",
        "sd3-bf16,NONE,none",
        "sd3-bf16,SIGMA_SQRT,sigma_sqrt",
        "sd3-bf16,COSMAP,cosmap"
    })
    void weightsAndLosses(String name, Weighting weighting, String record) {
        var parity = ParityCase.of(name);
        try (var manager = NDManager.newBaseManager()) {
            var plain = problem(parity, manager, new FlowConfig(weighting, 0, 1, 1.29, false));
            parity.assertClose("lora/weights/" + record, plain.weights().mul(3), TOLERANCE);
            var output = parity.get(manager, "lora/output");
            var loss = plain.loss(output).toFloatArray();
            parity.assertClose("lora/loss/" + record, loss, TOLERANCE);
            var other = problem(parity, manager, new FlowConfig(weighting, 0, 1, 1.29, true));
            loss = other.loss(output).toFloatArray();
            parity.assertClose("lora/loss/" + record + "_preconditioned", loss, TOLERANCE);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Weighting.class,
            names = {"LOGIT_NORMAL", "MODE", "NONE"})
    void densities(Weighting weighting) {
        var parity = ParityCase.of("sd35-fp32");
        var options = parity.settings().get("densities").get(weighting.label());
        var config =
                new FlowConfig(
                        weighting,
                        options.path("logit_mean").asDouble(0),
                        options.path("logit_std").asDouble(1),
                        options.path("mode_scale").asDouble(1.29),
                        true);
        assertEquals(weighting == Weighting.LOGIT_NORMAL, config.drawsNormal());
        var places = parity.values("density/" + weighting.label() + "/draw");
        for (int i = 0; i < places.length; i++) {
            places[i] = (float) config.place(places[i]);
        }
        parity.assertClose("density/" + weighting.label() + "/u", places, 1e-6);
    }

    /** Deciles of the places: theirs have a closed form, or follow from the monotone map. */
    @ParameterizedTest
    @EnumSource(Weighting.class)
    void drawsFollowTheDensity(Weighting weighting) {
        var config = new FlowConfig(weighting, 0.5, 0.7, -0.8, true);
        var process = process(ParityCase.of("sd35-fp32"), config);
        int count = 40_000;
        var drawn = new int[count];
        for (int i = 0; i < count; i++) {
            drawn[i] = process.draw(new RandomStream(7, 3, i));
        }
        Arrays.sort(drawn);
        assertTrue(drawn[0] >= 0 && drawn[count - 1] < 1000);
        assertEquals(process.draw(new RandomStream(7, 3, 0)), process.draw(stream()));
        boolean normal = weighting == Weighting.LOGIT_NORMAL;
        assertEquals(1000 * config.place(normal ? 0 : 0.5), drawn[count / 2], 12);
        double tenth =
                1000 * config.place(normal ? -1.281552 : weighting == Weighting.MODE ? 0.9 : 0.1);
        assertEquals(tenth, drawn[count / 10], 12);
    }

    private static RandomStream stream() {
        return new RandomStream(7, 3, 0);
    }

    @Test
    void placesStayInTheTable() {
        var extreme =
                process(
                        ParityCase.of("sd35-fp32"),
                        new FlowConfig(Weighting.LOGIT_NORMAL, 100, 1, 0, true));
        assertEquals(999, extreme.draw(stream()));
        var other =
                process(
                        ParityCase.of("sd35-fp32"),
                        new FlowConfig(Weighting.LOGIT_NORMAL, -100, 1, 0, true));
        assertEquals(0, other.draw(stream()));
    }

    @Test
    void refusals() {
        var flow = scheduler(ParityCase.of("sd35-fp32"));
        var snr = TrainingConfig.official(Family.SD3).with(c -> c.loss = new LossConfig(5, 0, 0));
        assertOneLine(
                "training.snr_gamma: expected 0 for a model of flow matching, found 5.0",
                () -> TrainingProcess.of(flow, snr));
        assertOneLine(
                "training.weighting_scheme: expected one of sigma_sqrt, logit_normal, mode, cosmap,"
                        + " none, found logit",
                () -> Weighting.of("logit"));
        assertOneLine(
                "training.logit_std: expected above 0, at most 100.0, found 0.0",
                () -> new FlowConfig(Weighting.MODE, 0, 0, 1, true));
        assertThrows(
                IllegalArgumentException.class,
                () -> new FlowConfig(Weighting.MODE, 0, 1, 1.8, true));
    }

    @Test
    void theOfficialRecipe() {
        var config = TrainingConfig.official(Family.SD3);
        assertEquals(240, config.batches().samplesPerStep());
        assertEquals(2000, config.batches().steps());
        assertEquals(0, config.learningRate(0));
        assertEquals(5e-6, config.learningRate(400));
        assertEquals(5e-3, config.optimizer().maxGradNorm());
        assertFalse(config.adapter().useDora());
        assertTrue(config.adapter().targets("transformer_blocks.0.attn.add_q_proj"));
        assertFalse(config.adapter().targets("transformer_blocks.0.attn2.to_q"));
        assertEquals("logit_normal", config.essentials().get("weighting_scheme"));
        assertEquals("true", config.essentials().get("precondition_outputs"));
    }

    private static DenoisingLoss.Problem problem(
            ParityCase parity, NDManager manager, FlowConfig config) {
        var indices = parity.values("train/indices");
        var steps = new int[indices.length];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = (int) indices[i];
        }
        var text =
                new TextEmbedding(
                        parity.get(manager, "train/hidden"),
                        Optional.of(parity.get(manager, "train/pooled")));
        var batch =
                new TrainingBatch(
                        parity.get(manager, "train/latents"),
                        parity.get(manager, "train/noise"),
                        steps,
                        text);
        return new DenoisingLoss(process(parity, config)).problem(manager, batch, steps.length);
    }

    private static TrainingProcess process(ParityCase parity, FlowConfig config) {
        var settings = TrainingConfig.official(Family.SD3).with(c -> c.flow = config);
        return TrainingProcess.of(scheduler(parity), settings);
    }

    private static SchedulerConfig scheduler(ParityCase parity) {
        return SchedulerConfig.read(parity.model().resolve("scheduler/scheduler_config.json"));
    }

    private static void assertOneLine(
            String message, org.junit.jupiter.api.function.Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
