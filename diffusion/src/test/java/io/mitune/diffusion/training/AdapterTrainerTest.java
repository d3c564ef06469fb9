package io.mitune.diffusion.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.adapter.AdapterFile;
import io.mitune.diffusion.adapter.AdapterWeights;
import io.mitune.diffusion.adapter.MergedAdapter;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.model.TextEmbedding;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import io.mitune.diffusion.safetensors.SafetensorsWriter;
import io.mitune.diffusion.safetensors.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AdapterTrainerTest {
    @TempDir Path folder;

    private static List<StepResult> run(AdapterTrainer trainer, SampleSet samples, int steps) {
        var results = new ArrayList<StepResult>();
        for (int i = 0; i < steps; i++) {
            results.add(trainer.trainStep(trainer.progress().step(), samples));
        }
        return results;
    }

    private static void assertSame(AdapterWeights expected, AdapterWeights found, float tolerance) {
        assertEquals(expected.modules().keySet(), found.modules().keySet());
        expected.modules()
                .forEach(
                        (path, f) -> {
                            var g = found.modules().get(path);
                            assertArrayEquals(f.a(), g.a(), tolerance, path + " A");
                            assertArrayEquals(f.b(), g.b(), tolerance, path + " B");
                            assertArrayEquals(f.magnitude(), g.magnitude(), tolerance, path + " m");
                        });
    }

    @Test
    void aRestoredRunEndsWithTheSameBits() {
        var config = TinyTraining.config();
        var file = folder.resolve("state.safetensors");
        try (var model = TinyTraining.model(config);
                var samples = TinyTraining.samples(model, 7)) {
            var whole = AdapterTrainer.fresh(model, config);
            var expected = run(whole, samples, 8);
            var wanted = whole.exportAdapter(Map.of());
            whole.close();

            var first = AdapterTrainer.fresh(model, config);
            var found = run(first, samples, 4);
            first.save(file, Map.of("offsets", "[3,4]"));
            first.close();
            var second =
                    AdapterTrainer.fresh(model, config.with(c -> c.gradientCheckpointing = false));
            assertEquals(Map.of("offsets", "[3,4]"), second.restore(file));
            found.addAll(run(second, samples, 4));
            assertEquals(expected, found);
            assertEquals(whole.progress(), second.progress());
            assertEquals(new TrainerProgress(8, 48, 0), second.progress());
            assertSame(wanted, second.exportAdapter(Map.of()), 0);
            second.close();
        }
    }

    /**
     * The whole way of an adapter: trained, written, read, merged into another copy of the model.
     */
    @Test
    void theMergedModelPredictsWhatTheTrainedOneDoes() {
        var config = TinyTraining.config().with(c -> c.emaDecay = 0);
        var file = folder.resolve("adapter.safetensors");
        float[] expected;
        try (var model = TinyTraining.model(config);
                var trainer = AdapterTrainer.fresh(model, config)) {
            for (int i = 0; i < 3; i++) {
                trainer.trainStep(List.of(TinyTraining.batch(model)));
            }
            var trained = trainer.exportAdapter(Map.of("base", "tiny"));
            AdapterFile.writeDiffusers(file, trained);
            model.adapter().bind(model.manager().create(model.adapter().load(trained)));
            expected = predict(model.base());
            model.adapter().release();
        }
        var slot = new MergedAdapter(Dtype.FP32);
        var options = LoadOptions.plain().with(slot);
        try (var model = StableDiffusion.load(TinyTraining.MODEL, options)) {
            var base = predict(model);
            slot.merge(AdapterFile.read(file));
            assertArrayEquals(expected, predict(model), 2e-5f);
            slot.clear();
            assertArrayEquals(base, predict(model));
            assertTrue(Math.abs(base[0] - expected[0]) > 1e-4, "the adapter changes something");
        }
    }

    private static float[] predict(StableDiffusion model) {
        try (var scratch = model.manager().newSubManager()) {
            var x = scratch.create(TinyTraining.normals(1, 480), new Shape(2, 4, 10, 6));
            var text = scratch.create(TinyTraining.normals(2, 120), new Shape(2, 5, 12));
            var times = scratch.create(new float[] {10, 700});
            return model.denoiser().forward(x, times, TextEmbedding.of(text)).toFloatArray();
        }
    }

    @Test
    void lossFallsOnOneSample() {
        var config =
                TinyTraining.config()
                        .with(c -> c.loss = LossConfig.plain())
                        .with(c -> c.emaDecay = 0)
                        .with(c -> c.schedule = LearningRateSchedule.constant())
                        .with(c -> c.optimizer = OptimizerConfig.defaults().withLearningRate(0.02));
        try (var model = TinyTraining.model(config);
                var trainer = AdapterTrainer.fresh(model, config)) {
            var batch = List.of(TinyTraining.batch(model));
            double before = trainer.trainStep(batch).loss();
            for (int i = 0; i < 30; i++) {
                trainer.trainStep(batch);
            }
            double after = trainer.trainStep(batch).loss();
            assertTrue(after < 0.9 * before, before + " -> " + after);
        }
    }

    @Test
    void accumulationIsOneLargeBatch() {
        var config = TinyTraining.config();
        var large = config.with(c -> c.batches = new BatchPlan(6, 1, 8));
        try (var model = TinyTraining.model(config);
                var samples = TinyTraining.samples(model, 7);
                var a = AdapterTrainer.fresh(model, config);
                var b = AdapterTrainer.fresh(model, large)) {
            var parts = run(a, samples, 1).get(0);
            model.adapter().computeNorms(model.manager().create(model.adapter().initial(42)));
            var whole = run(b, samples, 1).get(0);
            assertEquals(whole.loss(), parts.loss(), 1e-5 * whole.loss());
            assertEquals(whole.gradNorm(), parts.gradNorm(), 1e-4 * whole.gradNorm());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Dtype.class,
            names = {"FP32", "BF16"})
    void checkpointingGivesTheSameGradient(Dtype dtype) {
        var config = TinyTraining.config().with(c -> c.dtype = dtype);
        try (var model = TinyTraining.model(config);
                var trainer = AdapterTrainer.fresh(model, config);
                var saver =
                        AdapterTrainer.fresh(
                                model, config.with(c -> c.gradientCheckpointing = true))) {
            var batch = TinyTraining.batch(model);
            var expected = trainer.lossAndGradient(batch);
            var found = saver.lossAndGradient(batch);
            assertEquals(expected.loss(), found.loss(), 0);
            float tolerance = dtype == Dtype.FP32 ? 1e-6f : 1e-3f;
            assertSame(expected.gradient(), found.gradient(), tolerance);
        }
    }

    @Test
    void bf16FollowsFp32() {
        var config = TinyTraining.config();
        double exact;
        try (var model = TinyTraining.model(config);
                var trainer = AdapterTrainer.fresh(model, config)) {
            exact = trainer.lossAndGradient(TinyTraining.batch(model)).loss();
        }
        var half = config.with(c -> c.dtype = Dtype.BF16);
        try (var model = TinyTraining.model(half);
                var trainer = AdapterTrainer.fresh(model, half)) {
            var rounded = trainer.lossAndGradient(TinyTraining.batch(model));
            assertEquals(exact, rounded.loss(), 0.02 * exact);
            assertTrue(trainer.trainStep(List.of(TinyTraining.batch(model))).gradNorm() > 0);
        }
    }

    @Test
    void aStepThatIsNotFiniteIsSkippedAndCounted() {
        var config = TinyTraining.config().with(c -> c.schedule = LearningRateSchedule.constant());
        try (var model = TinyTraining.model(config);
                var trainer = AdapterTrainer.fresh(model, config)) {
            var good = TinyTraining.batch(model);
            trainer.trainStep(List.of(good));
            var before = trainer.exportAdapter(Map.of());
            NDArray poison = good.noise().duplicate();
            poison.set(new float[(int) poison.size()]);
            poison.divi(0f);
            var bad = new TrainingBatch(good.latents(), poison, good.trainSteps(), good.text());
            var result = trainer.trainStep(List.of(bad));
            assertTrue(result.skipped());
            assertSame(before, trainer.exportAdapter(Map.of()), 0);
            assertEquals(new TrainerProgress(2, 6, 1), trainer.progress());
            var next = trainer.trainStep(List.of(good));
            assertFalse(next.skipped());
            assertTrue(Double.isFinite(next.loss()));
        }
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.ValueSource(booleans = {false, true})
    void memoryIsFlatOverSteps(boolean checkpointing) {
        var config = TinyTraining.config().with(c -> c.gradientCheckpointing = checkpointing);
        try (var model = TinyTraining.model(config);
                var samples = TinyTraining.samples(model, 7);
                var trainer = AdapterTrainer.fresh(model, config)) {
            run(trainer, samples, 2);
            int after2 = ManagedArrays.count(model.manager());
            run(trainer, samples, 4);
            assertEquals(after2, ManagedArrays.count(model.manager()));
        }
    }

    @Test
    void theBaseModelIsFrozen() {
        var config = TinyTraining.config();
        try (var model = TinyTraining.model(config);
                var samples = TinyTraining.samples(model, 7);
                var trainer = AdapterTrainer.fresh(model, config)) {
            var weights =
                    model.denoiser().projections().stream()
                            .map(l -> l.weight().toFloatArray())
                            .toList();
            run(trainer, samples, 3);
            for (int i = 0; i < weights.size(); i++) {
                var weight = model.denoiser().projections().get(i).weight();
                assertFalse(weight.hasGradient());
                assertArrayEquals(weights.get(i), weight.toFloatArray());
            }
        }
    }

    @Test
    void foreignOrDamagedStatesAreRefused() throws Exception {
        var config = TinyTraining.config();
        var file = folder.resolve("state.safetensors");
        try (var model = TinyTraining.model(config);
                var trainer = AdapterTrainer.fresh(model, config);
                var other = AdapterTrainer.fresh(model, config.with(c -> c.seed = 43))) {
            trainer.save(file, Map.of());
            var e = assertThrows(ModelFileException.class, () -> other.restore(file));
            assertEquals(
                    file + ": training.seed: expected 43 as in this run, found 42 in the state",
                    e.getMessage());
            var poisoned = folder.resolve("poisoned.safetensors");
            var values = new float[model.adapter().layout().length()];
            values[5] = Float.NaN;
            var tensors = Map.of("adapter", Tensor.f32(values, values.length));
            var header = SafetensorsFile.open(file).metadata();
            SafetensorsWriter.write(poisoned, tensors, header);
            e = assertThrows(ModelFileException.class, () -> trainer.restore(poisoned));
            assertEquals(
                    poisoned + ": key adapter: expected finite values, found others",
                    e.getMessage());
            SafetensorsWriter.write(poisoned, tensors, Map.of("trainer", "1", "state", "{}"));
            e = assertThrows(ModelFileException.class, () -> trainer.restore(poisoned));
            assertTrue(e.getMessage().contains("trainer state is not readable"), e.getMessage());
            assertFalse(e.getMessage().contains("\n"), e.getMessage());
            var bytes = Files.readAllBytes(file);
            Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 9));
            e = assertThrows(ModelFileException.class, () -> trainer.restore(file));
            assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
            var wrongStep =
                    assertThrows(IllegalArgumentException.class, () -> trainer.trainStep(5, null));
            assertEquals("training step: expected 0, found 5", wrongStep.getMessage());
        }
    }
}
