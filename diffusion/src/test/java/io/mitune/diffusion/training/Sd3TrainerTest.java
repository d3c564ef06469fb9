package io.mitune.diffusion.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import io.mitune.diffusion.ParityCase;
import io.mitune.diffusion.adapter.DoraConfig;
import io.mitune.diffusion.model.Family;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.training.FlowConfig.Weighting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A trainer of SD 3 on random samples, with its own draws. */
class Sd3TrainerTest {
    private static final long[] LATENT = {16, 8, 6};
    private static final long[] TEXT = {7, 26};

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void resumedRunsEndWithTheSameBits(boolean checkpointing) {
        var config = config().with(c -> c.gradientCheckpointing = checkpointing);
        var file = folder.resolve("state.safetensors");
        try (var model = model(config);
                var samples = samples(model);
                var straight = AdapterTrainer.fresh(model, config)) {
            run(straight, samples, 2);
            straight.save(file, Map.of());
            int arrays = ManagedArrays.count(model.manager());
            run(straight, samples, 3);
            assertEquals(arrays, ManagedArrays.count(model.manager()));
            var expected = straight.exportAdapter(Map.of());
            try (var resumed = AdapterTrainer.fresh(model, config)) {
                resumed.restore(file);
                run(resumed, samples, 3);
                var found = resumed.exportAdapter(Map.of());
                expected.modules()
                        .forEach(
                                (path, factors) -> {
                                    var other = found.modules().get(path);
                                    assertArrayEquals(factors.a(), other.a(), path);
                                    assertArrayEquals(factors.b(), other.b(), path);
                                    assertArrayEquals(factors.magnitude(), other.magnitude());
                                });
            }
        }
    }

    @Test
    void theLossFalls() {
        var config =
                config().with(
                                c -> {
                                    c.optimizer = c.optimizer.withLearningRate(5e-3);
                                    c.loss = LossConfig.plain();
                                    c.batches = new BatchPlan(8, 1, 60);
                                });
        try (var model = model(config);
                var samples = samples(model);
                var trainer = AdapterTrainer.fresh(model, config)) {
            double first = run(trainer, samples, 10);
            run(trainer, samples, 40);
            double last = run(trainer, samples, 10);
            assertTrue(last < 0.9 * first, first + " to " + last);
        }
    }

    @Test
    void theSchemeIsPartOfTheRun() {
        var config = config();
        var other = config.with(c -> c.flow = new FlowConfig(Weighting.COSMAP, 0, 1, 1.29, true));
        var file = folder.resolve("state.safetensors");
        try (var model = model(config);
                var samples = samples(model);
                var trainer = AdapterTrainer.fresh(model, config);
                var changed = AdapterTrainer.fresh(model, other)) {
            trainer.save(file, Map.of());
            var error = assertThrows(ModelFileException.class, () -> changed.restore(file));
            assertEquals(
                    file
                            + ": training.weighting_scheme: expected cosmap as in this run,"
                            + " found logit_normal in the state",
                    error.getMessage());
            assertNotEquals(run(trainer, samples, 1), run(changed, samples, 1));
        }
    }

    /** Mean loss of so many steps. */
    private static double run(AdapterTrainer trainer, SampleSet samples, int steps) {
        double sum = 0;
        for (int i = 0; i < steps; i++) {
            sum += trainer.trainStep(trainer.progress().step(), samples).loss();
        }
        return sum / steps;
    }

    private static TrainingConfig config() {
        return TrainingConfig.official(Family.SD3)
                .with(
                        c -> {
                            c.adapter = new DoraConfig(2, 3, DoraConfig.JOINT, true);
                            c.optimizer = OptimizerConfig.defaults().withLearningRate(1e-3);
                            c.schedule = LearningRateSchedule.constant();
                            c.loss = new LossConfig(0, 0.1, 0.3);
                            c.batches = new BatchPlan(3, 2, 8);
                        });
    }

    private static TrainableModel model(TrainingConfig config) {
        return TrainableModel.load(ParityCase.of("sd35-fp32").model(), Device.cpu(), config);
    }

    private static SampleSet samples(TrainableModel model) {
        var samples = new ArrayList<TrainingSample>();
        for (int i = 0; i < 7; i++) {
            samples.add(new TrainingSample(TinyTraining.normals(i, 768), LATENT, caption(i)));
        }
        return SampleSet.upload(model.manager(), samples, caption(99));
    }

    private static EncodedCaption caption(int name) {
        return new EncodedCaption(
                TinyTraining.normals(100 + name, 182), TEXT, TinyTraining.normals(200 + name, 22));
    }
}
