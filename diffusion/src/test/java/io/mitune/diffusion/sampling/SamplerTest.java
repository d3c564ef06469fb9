package io.mitune.diffusion.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.model.TextEmbedding;
import io.mitune.diffusion.nn.Torch;
import io.mitune.diffusion.sampling.SamplingSettings.Score;
import io.mitune.diffusion.scheduler.SchedulerConfig;
import io.mitune.diffusion.scheduler.SchedulerKind;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The sampler on a closed-form model whose answer is the text value plus a share of the sample. */
class SamplerTest {
    private static final Shape LATENT = new Shape(2, 3, 4);
    private static final String EPSILON =
            "{\"beta_schedule\":\"scaled_linear\",\"beta_start\":0.00085,"
                    + "\"beta_end\":0.012,\"clip_sample\":false,\"steps_offset\":1,"
                    + "\"timestep_spacing\":\"leading\"}";
    private static final String VELOCITY =
            EPSILON.replace("}", ",\"prediction_type\":\"v_prediction\"}");

    private static final String FLOW =
            "{\"_class_name\":\"FlowMatchEulerDiscreteScheduler\",\"shift\":3.0}";

    private NDManager manager;

    @BeforeAll
    static void engine() {
        Torch.setUp();
    }

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @ParameterizedTest
    @EnumSource(SchedulerKind.class)
    void aSampleIsTheSameInAnyMicroBatch(SchedulerKind kind) {
        var specs = specs(7);
        var together = sample(settings(kind, 2.5, Score.OFFICIAL, 7), specs);
        var apart = sample(settings(kind, 2.5, Score.OFFICIAL, 3), specs);
        var reversed = new ArrayList<>(specs);
        Collections.reverse(reversed);
        var backwards = sample(settings(kind, 2.5, Score.OFFICIAL, 2), reversed);
        for (int i = 0; i < 7; i++) {
            var expected = together.samples().get(i);
            assertSame(expected, apart.samples().get(i));
            assertSame(expected, backwards.samples().get(6 - i));
        }
    }

    private static void assertSame(Sample expected, Sample found) {
        assertEquals(expected.seed(), found.seed());
        assertArrayEquals(expected.latents(), found.latents());
        assertArrayEquals(expected.terms(), found.terms());
        assertEquals(expected.mi(), found.mi());
    }

    /** Difference 0.5 in each of 24 elements: terms of w_t * 6. */
    @Test
    void scoreByHand() {
        var samples = sample(settings(SchedulerKind.DDPM, 2, Score.OFFICIAL, 4), specs(1));
        double sum = 0;
        int inWindow = 0;
        double alphaBar = 1;
        var weights = new double[1000];
        for (int t = 0; t < 1000; t++) {
            double root = Math.sqrt(0.00085) + (Math.sqrt(0.012) - Math.sqrt(0.00085)) * t / 999;
            alphaBar *= 1 - root * root;
            weights[t] = root * root * 1000 / (2 * (1 - alphaBar));
        }
        var sample = samples.samples().get(0);
        for (int k = 0; k < 25; k++) {
            int t = 1 + 40 * (24 - k);
            assertEquals(t, samples.timesteps()[k]);
            assertEquals(weights[t] * 6, sample.terms()[k], weights[t] * 6 * 2e-5);
            assertEquals(t > 50, samples.weights().inWindow(k));
            if (t > 50) {
                sum += weights[t] * 6;
                inWindow++;
            }
        }
        assertEquals(23, inWindow);
        assertEquals(sum / inWindow, sample.mi().getAsDouble(), 1e-4);
    }

    @Test
    void thePapersEstimatorHasAnotherFactor() {
        var score = new Score(true, MiEstimator.PAPER, 400);
        var official = sample(settings(SchedulerKind.DDPM, 2, Score.OFFICIAL, 4), specs(1));
        var paper = sample(settings(SchedulerKind.DDPM, 2, score, 4), specs(1));
        var schedule = SchedulerConfig.parse(EPSILON, "test").noiseSchedule();
        double sum = 0;
        for (int k = 0; k < 25; k++) {
            int t = (int) official.timesteps()[k];
            double term = official.samples().get(0).terms()[k] / (1 - schedule.beta(t));
            assertEquals(term, paper.samples().get(0).terms()[k], 1e-5 * term);
            var beside = official.samples().get(0).paperTerms()[k];
            assertEquals(paper.samples().get(0).terms()[k], beside);
            sum += t > 400 ? term : 0;
        }
        assertEquals(sum / 15, paper.samples().get(0).mi().getAsDouble(), 1e-4);
    }

    /** The model's velocities are 0.9 x + 0.5 and 0.9 x, so the trajectory is known. */
    @ParameterizedTest
    @CsvSource({"OFFICIAL,2.5", "PAPER,2.5", "OFFICIAL,1", "PAPER,0.5"})
    void rectifiedFlowsByHand(MiEstimator estimator, double guidance) {
        double g = Math.max(guidance, 1);
        double scale = estimator == MiEstimator.OFFICIAL ? g : 1;
        var x = new double[24];
        var start = new float[24];
        for (int j = 0; j < 24; j++) {
            start[j] = 0.1f * j - 1;
            x[j] = start[j];
        }
        var spec = specs(1).get(0);
        var given = new SampleSpec(1, spec.conditional(), spec.unconditional(), Optional.of(start));
        var score = new Score(true, estimator, 50);
        var settings = settings(SchedulerKind.FLOW_MATCH_EULER, guidance, score, 1);
        var samples = sample(settings, List.of(given));
        var sample = samples.samples().get(0);
        double mean = 0;
        for (int k = 0; k < 25; k++) {
            double t = flowTime(k, 25);
            double sum = 0;
            double paperSum = 0;
            for (int j = 0; j < 24; j++) {
                sum += (0.9 * x[j] + 0.5 * scale) * 0.5 * scale;
                paperSum += (0.9 * x[j] + 0.5) * 0.5;
                x[j] += (flowTime(k + 1, 25) - t) * (0.9 * x[j] + 0.5 * g);
            }
            assertEquals(1000 * t, samples.timesteps()[k], 1e-4);
            boolean inside = k > 0 && k < 24; // the last t is 0.009
            assertEquals(inside, samples.weights().inWindow(k));
            double term = (1 - t) / t * sum;
            assertEquals(term, sample.terms()[k], 1e-5 * Math.max(1, Math.abs(term)));
            double paper = (1 - t) / t * paperSum;
            assertEquals(paper, sample.paperTerms()[k], 1e-5 * Math.max(1, Math.abs(paper)));
            mean += inside ? term / 23 : 0;
        }
        assertEquals(mean, sample.mi().getAsDouble(), 1e-5 * Math.abs(mean));
        for (int j = 0; j < 24; j++) {
            assertEquals(x[j], sample.latents()[j], 1e-5);
        }
    }

    /** sigma of step k of n: linear from 1 to the smallest train sigma, then shifted by 3. */
    private static double flowTime(int k, int n) {
        if (k == n) {
            return 0;
        }
        double smallest = 3 * 0.001 / (1 + 2 * 0.001);
        double sigma = 1 + (smallest - 1) * k / (n - 1);
        return 3 * sigma / (1 + 2 * sigma);
    }

    /**
     * A velocity model that says the same as the epsilon model draws and scores the same. Not so
     * with PNDM, which mixes predictions of several timesteps as they come.
     */
    @ParameterizedTest
    @EnumSource(
            value = SchedulerKind.class,
            names = {"DDPM", "DDIM", "EULER"})
    void velocityModelsAreScoredInNoise(SchedulerKind kind) {
        var schedule = SchedulerConfig.parse(EPSILON, "test").noiseSchedule();
        Predictor velocity =
                (x, t, text) -> {
                    double alphaBar = schedule.alphaCumprodAt(t.toFloatArray()[0]);
                    var noise = model(x, t, text);
                    return noise.sub(x.mul(Math.sqrt(1 - alphaBar))).div(Math.sqrt(alphaBar));
                };
        var settings = settings(kind, 2, Score.OFFICIAL, 4);
        var expected = sample(settings, specs(3));
        var found =
                new Sampler(manager, velocity, SchedulerConfig.parse(VELOCITY, "test"))
                        .sample(settings, LATENT, specs(3), SamplingListener.NONE);
        for (int i = 0; i < 3; i++) {
            var a = expected.samples().get(i);
            var b = found.samples().get(i);
            assertArrayEquals(a.latents(), b.latents(), 2e-4f);
            assertEquals(a.mi().getAsDouble(), b.mi().getAsDouble(), 1e-4 * a.mi().getAsDouble());
        }
    }

    @Test
    void aScoreNeedsStepsInItsWindow() {
        var settings = new SamplingSettings(SchedulerKind.DDPM, 1, 2, Score.OFFICIAL, 4);
        var specs = specs(1);
        var error = assertThrows(IllegalArgumentException.class, () -> sample(settings, specs));
        assertEquals(
                "score: expected steps with 50.0 < t < 1000.0, found none among 1; take more steps",
                error.getMessage());
    }

    @Test
    void theSecondHalfIsComputedOnlyWhenNeeded() {
        assertEquals(3, batchOf(settings(SchedulerKind.DDIM, 1, Score.NONE, 3)));
        assertEquals(6, batchOf(settings(SchedulerKind.DDIM, 1.1, Score.NONE, 3)));
        assertEquals(6, batchOf(settings(SchedulerKind.DDIM, 1, Score.OFFICIAL, 3)));
    }

    private long batchOf(SamplingSettings settings) {
        var seen = new ArrayList<Long>();
        Predictor counting =
                (x, t, text) -> {
                    assertEquals(x.getShape().get(0), 3 * text.texts());
                    seen.add(x.getShape().get(0));
                    return model(x, t, text);
                };
        sample(counting, settings, specs(3), SamplingListener.NONE);
        assertEquals(25, seen.size());
        return seen.get(0);
    }

    @Test
    void scoringDoesNotChangeTheSample() {
        var plain = sample(settings(SchedulerKind.DDPM, 1, Score.NONE, 4), specs(2));
        var scored = sample(settings(SchedulerKind.DDPM, 1, Score.OFFICIAL, 4), specs(2));
        assertArrayEquals(
                plain.samples().get(1).latents(), scored.samples().get(1).latents(), 1e-6f);
        assertTrue(plain.samples().get(0).mi().isEmpty());
        assertEquals(0, plain.samples().get(0).terms().length);
    }

    @ParameterizedTest
    @EnumSource(SchedulerKind.class)
    void livingArraysDoNotGrow(SchedulerKind kind) {
        var counts = new ArrayList<Integer>();
        Predictor counting =
                (x, t, text) -> {
                    var run = x.getManager().getParentManager();
                    counts.add(run.getManagedArrays().size());
                    return model(x, t, text);
                };
        int before = manager.getManagedArrays().size();
        var specs = specs(4);
        var settings = settings(kind, 2, Score.NONE, 4);
        sample(counting, settings, specs, SamplingListener.NONE);
        int texts = 4; // two, and the arrays that they are views of
        assertEquals(before + texts, manager.getManagedArrays().size());
        int settled = counts.get(5);
        for (int k = 5; k < counts.size(); k++) {
            assertTrue(counts.get(k) <= settled, "step " + k + ": " + counts);
        }
    }

    @Test
    void givenStartLatentsReplaceTheSeeds() {
        var start = new float[24];
        CandidateNoise.fill(101, 0, FloatBuffer.wrap(start));
        var bySeed = specs(3);
        var given = new ArrayList<>(bySeed);
        var second = bySeed.get(1);
        given.set(
                1,
                new SampleSpec(
                        4711, second.conditional(), second.unconditional(), Optional.of(start)));
        var settings = settings(SchedulerKind.DDIM, 2, Score.OFFICIAL, 4);
        var expected = sample(settings, bySeed);
        var found = sample(settings, given);
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(
                    expected.samples().get(i).latents(), found.samples().get(i).latents());
        }
        var wrong =
                List.of(
                        new SampleSpec(
                                1,
                                second.conditional(),
                                second.unconditional(),
                                Optional.of(new float[7])));
        var error = assertThrows(IllegalArgumentException.class, () -> sample(settings, wrong));
        assertEquals(
                "start latents of sample 0: expected 24 values (2, 3, 4), found 7",
                error.getMessage());
    }

    @Test
    void oneBrokenSampleDoesNotSpoilTheBatch() {
        var specs = new ArrayList<>(specs(3));
        var broken = text(Float.NaN);
        specs.set(1, new SampleSpec(101, broken, specs.get(1).unconditional(), Optional.empty()));
        var settings = settings(SchedulerKind.PNDM, 2, Score.OFFICIAL, 4);
        var good = sample(settings, specs(3)).samples();
        var samples = sample(settings, specs).samples();
        assertFalse(samples.get(1).finite());
        assertTrue(Double.isNaN(samples.get(1).mi().getAsDouble()));
        for (int i : new int[] {0, 2}) {
            assertTrue(samples.get(i).finite());
            assertArrayEquals(good.get(i).latents(), samples.get(i).latents());
        }
    }

    @Test
    void progressIsCountedAndCancellingStops() {
        var seen = new ArrayList<Long>();
        var listener =
                new SamplingListener() {
                    @Override
                    public void progress(long done, long total) {
                        assertEquals(125, total);
                        seen.add(done);
                    }

                    @Override
                    public boolean cancelled() {
                        return seen.size() == 30;
                    }
                };
        var settings = settings(SchedulerKind.DDIM, 2, Score.OFFICIAL, 3);
        int before = manager.getManagedArrays().size();
        var specs = specs(5);
        var error =
                assertThrows(
                        CancellationException.class,
                        () -> sample(SamplerTest::model, settings, specs, listener));
        assertEquals("sampling: cancelled before step 6 of 25", error.getMessage());
        assertEquals(3, seen.get(0));
        assertEquals(75, seen.get(24));
        assertEquals(85, seen.get(29));
        assertEquals(before + 4, manager.getManagedArrays().size());
    }

    private static NDArray model(NDArray x, NDArray t, TextEmbedding text) {
        long rows = text.texts();
        var grouped = x.mul(0.9).reshape(rows, -1, 2, 3, 4);
        return grouped.add(text.encoderHiddenStates().reshape(rows, 1, 1, 1, 1))
                .reshape(x.getShape());
    }

    private Samples sample(SamplingSettings settings, List<SampleSpec> specs) {
        return sample(SamplerTest::model, settings, specs, SamplingListener.NONE);
    }

    private Samples sample(
            Predictor predictor,
            SamplingSettings settings,
            List<SampleSpec> specs,
            SamplingListener listener) {
        var config = settings.scheduler().flowMatching() ? FLOW : EPSILON;
        return new Sampler(manager, predictor, SchedulerConfig.parse(config, "test"))
                .sample(settings, LATENT, specs, listener);
    }

    private static SamplingSettings settings(
            SchedulerKind kind, double guidance, Score score, int microBatch) {
        return new SamplingSettings(kind, 25, guidance, score, microBatch);
    }

    private TextEmbedding text(float value) {
        return TextEmbedding.of(manager.create(new float[] {value}).reshape(1, 1, 1));
    }

    private List<SampleSpec> specs(int count) {
        var conditional = text(0.5f);
        var unconditional = text(0);
        var specs = new ArrayList<SampleSpec>();
        for (int i = 0; i < count; i++) {
            specs.add(new SampleSpec(100 + i, conditional, unconditional, Optional.empty()));
        }
        return specs;
    }
}
