package io.mitune.diffusion.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.ParityCase;
import io.mitune.diffusion.adapter.AdapterFile;
import io.mitune.diffusion.adapter.AdapterWeights;
import io.mitune.diffusion.adapter.DoraConfig;
import io.mitune.diffusion.model.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** DoRA training against peft, diffusers and torch: targets, losses, gradients, ten steps. */
class TrainingParityTest {
    private static final double TOLERANCE = 1e-4;

    static Stream<String> cases() {
        return ParityCase.NAMES.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void noisyLatentsTargetsAndWeights(String name) {
        var parity = ParityCase.of(name);
        try (var model = model(parity, config(parity))) {
            double gamma = parity.settings().get("snr_gamma").asDouble();
            var config = config(parity).with(c -> c.loss = new LossConfig(gamma, 0, 0));
            var process = TrainingProcess.of(model.base().schedulerConfig(), config);
            var loss = new DenoisingLoss(process);
            var t = timesteps(parity.values("train/timesteps"));
            for (var kind : List.of("", "shifted_")) {
                var manager = model.manager();
                var batch =
                        new TrainingBatch(
                                parity.get(manager, "train/latents"),
                                parity.get(manager, "train/" + kind + "noise"),
                                t,
                                parity.text(manager, "train"));
                var problem = loss.problem(manager, batch, 1);
                parity.assertClose("train/" + kind + "noisy", problem.noisy(), TOLERANCE);
                parity.assertClose("train/" + kind + "target", problem.target(), TOLERANCE);
                parity.assertClose("dora/min_snr_weights", problem.weights(), TOLERANCE);
            }
        }
    }

    /** The noise offset is one normal per sample and channel, times its strength. */
    @ParameterizedTest
    @MethodSource("cases")
    void noiseOffset(String name) {
        var parity = ParityCase.of(name);
        try (var model = model(parity, config(parity))) {
            var noise = parity.get(model.manager(), "train/noise");
            var offset = parity.get(model.manager(), "train/offset");
            double strength = parity.settings().get("noise_offset").asDouble();
            var shifted = noise.add(offset.mul(strength));
            parity.assertClose("train/shifted_noise", shifted, TOLERANCE);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void forward(String name) {
        var parity = ParityCase.of(name);
        try (var model = model(parity, config(parity));
                var manager = model.manager().newSubManager()) {
            var vector = manager.create(model.adapter().load(adapter(parity)));
            model.adapter().computeNorms(vector);
            model.adapter().bind(vector);
            var output =
                    model.denoiser()
                            .forward(
                                    parity.get(manager, "train/noisy"),
                                    parity.floats(manager, "train/timesteps"),
                                    parity.text(manager, "train"));
            parity.assertClose("dora/output", output, TOLERANCE);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "epsilon-fp32, mse, false", "epsilon-fp32, min_snr, false", "epsilon-fp32, mse, true",
        "velocity-fp16, mse, false", "velocity-fp16, min_snr, false", "velocity-fp16, mse, true",
        "sharded-bf16, mse, false", "sharded-bf16, min_snr, false", "sharded-bf16, mse, true",
        "xl-fp32, mse, false", "xl-fp32, min_snr, false", "xl-fp32, mse, true",
        "xl-fp16, mse, false", "xl-fp16, min_snr, false", "xl-fp16, mse, true"
    })
    void lossAndEveryGradient(String name, String loss, boolean checkpointing) {
        var parity = ParityCase.of(name);
        var config = config(parity).with(c -> c.gradientCheckpointing = checkpointing);
        if (loss.equals("min_snr")) {
            double gamma = parity.settings().get("snr_gamma").asDouble();
            config = config.with(c -> c.loss = new LossConfig(gamma, 0, 0));
        }
        try (var model = model(parity, config);
                var trainer = AdapterTrainer.from(model, config, adapter(parity))) {
            var batch =
                    batch(
                            parity,
                            model,
                            parity.get(model.manager(), "train/noise"),
                            timesteps(parity.values("train/timesteps")));
            var found = trainer.lossAndGradient(batch);
            parity.assertClose("dora/loss/" + loss, new float[] {(float) found.loss()}, TOLERANCE);
            AdapterComparison.all(parity, "dora/gradient/" + loss + "/", found.gradient());
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void tenSteps(String name) {
        var parity = ParityCase.of(name);
        var settings = parity.settings();
        var config = config(parity);
        try (var model = model(parity, config);
                var trainer = AdapterTrainer.from(model, config, adapter(parity))) {
            var noises = parity.get(model.manager(), "steps/noises");
            int count = (int) noises.getShape().get(0);
            var t = timesteps(parity.values("steps/timesteps"));
            int batchSize = t.length / count;
            var losses = new float[count];
            var norms = new float[count];
            for (int i = 0; i < count; i++) {
                var own = Arrays.copyOfRange(t, i * batchSize, (i + 1) * batchSize);
                var batch = batch(parity, model, noises.get(i), own);
                var result = trainer.trainStep(List.of(batch));
                losses[i] = (float) result.loss();
                norms[i] = (float) result.gradNorm();
                assertEquals(settings.get("learning_rate").asDouble(), result.learningRate());
            }
            parity.assertClose("steps/losses", losses, TOLERANCE);
            parity.assertClose("steps/gradient_norms", norms, TOLERANCE);
            var found = trainer.exportAdapter(Map.of());
            AdapterComparison.all(parity, "steps/final/", found);
            AdapterComparison.change(parity, adapter(parity), found, changeTolerance(name));
        }
    }

    /**
     * Of the change that ten steps make, which is a hundredth of the weights themselves: AdamW
     * moves values with hardly any gradient as far as others, so rounding shows in them. One case
     * has more of these than the others.
     */
    private static double changeTolerance(String name) {
        return name.equals("xl-fp16") ? 5e-3 : 2e-3;
    }

    private static TrainableModel model(ParityCase parity, TrainingConfig config) {
        return TrainableModel.load(parity.model(), Device.cpu(), config);
    }

    private static AdapterWeights adapter(ParityCase parity) {
        return AdapterFile.read(parity.directory().resolve("adapter/peft"));
    }

    private static TrainingConfig config(ParityCase parity) {
        var settings = parity.settings();
        var targets = new ArrayList<String>();
        settings.get("targets").forEach(t -> targets.add(t.asText()));
        var dora =
                new DoraConfig(
                        settings.get("rank").asInt(),
                        settings.get("alpha").asDouble(),
                        targets,
                        true);
        var optimizer =
                OptimizerConfig.defaults()
                        .withLearningRate(settings.get("learning_rate").asDouble())
                        .withMaxGradNorm(settings.get("max_grad_norm").asDouble());
        return TrainingConfig.official(Family.SD)
                .with(
                        c -> {
                            c.adapter = dora;
                            c.optimizer = optimizer;
                            c.batches = new BatchPlan(3, 1, 10);
                        });
    }

    private static TrainingBatch batch(
            ParityCase parity, TrainableModel model, NDArray noise, int[] timesteps) {
        return new TrainingBatch(
                parity.get(model.manager(), "train/latents"),
                noise,
                timesteps,
                parity.text(model.manager(), "train"));
    }

    private static int[] timesteps(float[] values) {
        var timesteps = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            timesteps[i] = (int) values[i];
        }
        return timesteps;
    }
}
