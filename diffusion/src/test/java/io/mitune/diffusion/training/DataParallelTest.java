package io.mitune.diffusion.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.mitune.diffusion.adapter.AdapterWeights;
import io.mitune.diffusion.devices.Devices;
import io.mitune.diffusion.nn.Torch;
import io.mitune.diffusion.safetensors.ModelFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several CPU devices, of one thread each, beside one. */
class DataParallelTest {
    private static int threads;

    @TempDir Path folder;

    /** Five passes a step: no number of devices but one divides them. */
    private static TrainingConfig config(boolean checkpointing) {
        return TinyTraining.config()
                .with(c -> c.batches = new BatchPlan(3, 5, 10))
                .with(c -> c.gradientCheckpointing = checkpointing);
    }

    private static ReplicatedModel load(int devices, TrainingConfig config) {
        var where = Devices.cpus(devices, 1);
        return ReplicatedModel.load(TinyTraining.MODEL, where, config);
    }

    @BeforeAll
    static void remember() {
        Torch.setUp();
        threads = JniUtils.getNumThreads();
    }

    @AfterAll
    static void asItWasForOtherTests() {
        Torch.useThreads(threads);
    }

    /** What a run reported and what it made. */
    private record Run(List<StepResult> steps, List<float[]> adapter) {
        static Run of(AdapterTrainer trainer, SampleSet samples, int count) {
            var steps = new ArrayList<StepResult>();
            for (int i = 0; i < count; i++) {
                steps.add(trainer.trainStep(trainer.progress().step(), samples));
            }
            return new Run(steps, values(trainer.exportAdapter(Map.of())));
        }

        void assertSame(Run other) {
            assertEquals(steps, other.steps);
            for (int i = 0; i < adapter.size(); i++) {
                assertArrayEquals(adapter.get(i), other.adapter.get(i));
            }
        }
    }

    private static List<float[]> values(AdapterWeights adapter) {
        var values = new ArrayList<float[]>();
        adapter.modules()
                .values()
                .forEach(f -> values.addAll(List.of(f.a(), f.b(), f.magnitude())));
        return values;
    }

    private static Run tenSteps(int devices, TrainingConfig config) {
        try (var model = load(devices, config);
                var samples = TinyTraining.samples(model, 7);
                var trainer = AdapterTrainer.fresh(model, config)) {
            return Run.of(trainer, samples, 10);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theNumberOfDevicesChangesNoBit(boolean checkpointing) {
        var config = config(checkpointing);
        var one = tenSteps(1, config);
        assertEquals(150, one.steps().stream().mapToInt(StepResult::samples).sum());
        assertTrue(one.steps().stream().allMatch(s -> s.gradNorm() > 0 && !s.skipped()));
        one.assertSame(tenSteps(2, config));
        one.assertSame(tenSteps(2, config));
        one.assertSame(tenSteps(3, config));
    }

    /** Another number of threads in each device is another order of summation. */
    @Test
    void devicesOfOneThreadFollowOneOfTwo() {
        var config = config(false);
        var where = Devices.cpus(1, 2);
        try (var model = ReplicatedModel.load(TinyTraining.MODEL, where, config);
                var samples = TinyTraining.samples(model, 7);
                var trainer = AdapterTrainer.fresh(model, config)) {
            var whole = Run.of(trainer, samples, 10);
            var shared = tenSteps(3, config);
            for (int i = 0; i < whole.steps().size(); i++) {
                var expected = whole.steps().get(i);
                var found = shared.steps().get(i);
                assertEquals(expected.loss(), found.loss(), 1e-5 * expected.loss());
                assertEquals(expected.gradNorm(), found.gradNorm(), 1e-4 * expected.gradNorm());
            }
            for (int i = 0; i < whole.adapter().size(); i++) {
                assertArrayEquals(whole.adapter().get(i), shared.adapter().get(i), 2e-5f);
            }
        }
    }

    @Test
    void aStateGoesOnWithTheSameBitsOnAnyDevices() {
        var config = config(false);
        var file = folder.resolve("state.safetensors");
        var whole = tenSteps(2, config);
        try (var model = load(2, config);
                var samples = TinyTraining.samples(model, 7);
                var trainer = AdapterTrainer.fresh(model, config)) {
            Run.of(trainer, samples, 4);
            trainer.save(file, Map.of());
        }
        for (int devices : new int[] {2, 3}) {
            try (var model = load(devices, config);
                    var samples = TinyTraining.samples(model, 7);
                    var trainer = AdapterTrainer.fresh(model, config)) {
                trainer.restore(file);
                var rest = Run.of(trainer, samples, 6);
                new Run(whole.steps().subList(4, 10), whole.adapter()).assertSame(rest);
            }
        }
    }

    @Test
    void aDeviceThatFailsEndsTheStepInOneLine() {
        var config = config(false);
        try (var model = load(3, config);
                var trainer = AdapterTrainer.fresh(model, config)) {
            var good = TinyTraining.batch(model.first());
            var expected = trainer.lossAndGradient(good).loss();
            var noise = good.noise().get(":, :, :, :5");
            var bad = new TrainingBatch(good.latents(), noise, good.trainSteps(), good.text());
            var batches = List.of(good, good, good, good, bad, good, good, good);
            int before = ManagedArrays.count(model.first().manager());
            var e = assertThrows(TrainingFailedException.class, () -> trainer.trainStep(batches));
            assertTrue(e.getMessage().startsWith("training on cpu:1: "), e.getMessage());
            assertFalse(e.getMessage().contains("\n"), e.getMessage());
            assertTrue(e.getMessage().contains("must match"), e.getMessage());
            assertEquals(0, trainer.progress().step());
            assertEquals(before, ManagedArrays.count(model.first().manager()));
            assertEquals(expected, trainer.lossAndGradient(good).loss());
            assertFalse(trainer.trainStep(List.of(good, good, good, good)).skipped());
        }
    }

    @Test
    void aStepThatIsNotFiniteIsSkipped() {
        var config = config(false);
        try (var model = load(2, config);
                var trainer = AdapterTrainer.fresh(model, config)) {
            var good = TinyTraining.batch(model.first());
            NDArray poison = good.noise().div(0f);
            var bad = new TrainingBatch(good.latents(), poison, good.trainSteps(), good.text());
            assertTrue(trainer.trainStep(List.of(good, bad, good)).skipped());
            assertFalse(trainer.trainStep(List.of(good, good, good)).skipped());
        }
    }

    @Test
    void memoryIsFlatOnEveryDevice() {
        var config = config(true);
        try (var model = load(2, config);
                var samples = TinyTraining.samples(model, 7);
                var trainer = AdapterTrainer.fresh(model, config)) {
            Run.of(trainer, samples, 2);
            var after2 = arrays(model);
            Run.of(trainer, samples, 4);
            assertEquals(after2, arrays(model));
        }
    }

    private static List<Integer> arrays(ReplicatedModel model) {
        return model.places().stream()
                .map(place -> ManagedArrays.count(place.get().manager()))
                .toList();
    }

    @Test
    void aModelThatIsNotThereEndsInOneLine() {
        var config = config(false);
        var where = Devices.cpus(2, 1);
        var e =
                assertThrows(
                        ModelFileException.class,
                        () -> ReplicatedModel.load(folder, where, config));
        assertFalse(e.getMessage().contains("\n"), e.getMessage());
    }
}
