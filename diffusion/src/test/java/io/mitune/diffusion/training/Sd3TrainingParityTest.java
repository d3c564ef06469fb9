package io.mitune.diffusion.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.ParityCase;
import io.mitune.diffusion.adapter.AdapterFile;
import io.mitune.diffusion.adapter.AdapterWeights;
import io.mitune.diffusion.adapter.DoraConfig;
import io.mitune.diffusion.model.Family;
import io.mitune.diffusion.training.FlowConfig.Weighting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Flow-matching training of SD 3 against peft and diffusers: losses, gradients, ten steps. */
class Sd3TrainingParityTest {
    private static final double TOLERANCE = 1e-4;

    @ParameterizedTest
    @CsvSource({
        "sd35-fp32, lora, mse, false",
        "sd35-fp32, lora, mse, true",
        "sd35-fp32, dora, mse, false",
        "sd35-fp32, dora, mse, true",
        "sd35-fp32, dora, sigma_sqrt_preconditioned, false",
        "sd3-bf16, lora, mse, false",
        "sd3-bf16, dora, mse, true",
        "sd3-bf16, dora, sigma_sqrt_preconditioned, false"
    })
    void lossAndEveryGradient(String name, String kind, String loss, boolean checkpointing) {
        var parity = ParityCase.of(name);
        var flow =
                loss.equals("mse") ? flow(Weighting.NONE, false) : flow(Weighting.SIGMA_SQRT, true);
        var config = config(parity, kind, flow).with(c -> c.gradientCheckpointing = checkpointing);
        try (var model = TrainableModel.load(parity.model(), Device.cpu(), config);
                var trainer = AdapterTrainer.from(model, config, adapter(parity, kind))) {
            var batch =
                    batch(
                            parity,
                            model,
                            parity.get(model.manager(), "train/noise"),
                            steps(parity, "train/indices"));
            var found = trainer.lossAndGradient(batch);
            var value = new float[] {(float) found.loss()};
            parity.assertClose(kind + "/loss/" + loss, value, TOLERANCE);
            AdapterComparison.all(parity, kind + "/gradient/" + loss + "/", found.gradient());
        }
    }

    @ParameterizedTest
    @CsvSource({"sd35-fp32, false", "sd35-fp32, true", "sd3-bf16, false"})
    void tenSteps(String name, boolean checkpointing) {
        var parity = ParityCase.of(name);
        var config =
                config(parity, "dora", flow(Weighting.NONE, false))
                        .with(c -> c.gradientCheckpointing = checkpointing);
        try (var model = TrainableModel.load(parity.model(), Device.cpu(), config);
                var trainer = AdapterTrainer.from(model, config, adapter(parity, "dora"))) {
            var noises = parity.get(model.manager(), "steps/noises");
            var steps = steps(parity, "steps/indices");
            int count = (int) noises.getShape().get(0);
            int size = steps.length / count;
            var losses = new float[count];
            var norms = new float[count];
            for (int i = 0; i < count; i++) {
                var own = Arrays.copyOfRange(steps, i * size, (i + 1) * size);
                var result = trainer.trainStep(List.of(batch(parity, model, noises.get(i), own)));
                losses[i] = (float) result.loss();
                norms[i] = (float) result.gradNorm();
                assertEquals(config.optimizer().learningRate(), result.learningRate());
            }
            parity.assertClose("steps/losses", losses, TOLERANCE);
            parity.assertClose("steps/gradient_norms", norms, TOLERANCE);
            var found = trainer.exportAdapter(Map.of());
            AdapterComparison.all(parity, "steps/final/", found);
            AdapterComparison.change(parity, adapter(parity, "dora"), found, 2e-3);
        }
    }

    private static FlowConfig flow(Weighting weighting, boolean preconditioned) {
        return new FlowConfig(weighting, 0, 1, 1.29, preconditioned);
    }

    private static AdapterWeights adapter(ParityCase parity, String kind) {
        var folder = kind.equals("dora") ? "adapter/peft" : "adapter/lora";
        return AdapterFile.read(parity.directory().resolve(folder));
    }

    private static TrainingConfig config(ParityCase parity, String kind, FlowConfig flow) {
        var settings = parity.settings();
        var targets = new ArrayList<String>();
        settings.get("targets").forEach(t -> targets.add(t.asText()));
        return TrainingConfig.official(Family.SD3)
                .with(
                        c -> {
                            c.adapter =
                                    new DoraConfig(
                                            settings.get("rank").asInt(),
                                            settings.get("alpha").asDouble(),
                                            targets,
                                            kind.equals("dora"));
                            c.optimizer =
                                    c.optimizer
                                            .withLearningRate(
                                                    settings.get("learning_rate").asDouble())
                                            .withMaxGradNorm(
                                                    settings.get("max_grad_norm").asDouble());
                            c.schedule = LearningRateSchedule.constant();
                            c.batches = new BatchPlan(3, 1, 10);
                            c.flow = flow;
                        });
    }

    private static TrainingBatch batch(
            ParityCase parity, TrainableModel model, NDArray noise, int[] steps) {
        var manager = model.manager();
        return new TrainingBatch(
                parity.get(manager, "train/latents"), noise, steps, parity.text(manager, "train"));
    }

    private static int[] steps(ParityCase parity, String key) {
        var values = parity.values(key);
        var steps = new int[values.length];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = (int) values[i];
        }
        return steps;
    }
}
