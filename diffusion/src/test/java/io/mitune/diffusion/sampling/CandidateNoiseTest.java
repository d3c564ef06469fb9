package io.mitune.diffusion.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.nn.Torch;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CandidateNoiseTest {
    private static final Shape LATENT = new Shape(4, 3, 5);
    private static final int[] STEPS = {0, 1, 2, 5, 9};

    @BeforeAll
    static void engine() {
        Torch.setUp();
    }

    /**
     * Frozen, since other values would change every candidate that was ever logged; computed by a
     * second implementation, in Python.
     */
    @Test
    void valuesNeverChange() {
        assertArrayEquals(
                new float[] {0.380400747f, -0.296277881f, -0.249233425f, -1.00383723f},
                noise(1, 0, 4));
        assertArrayEquals(
                new float[] {1.07670915f, -0.9890365f}, noise(-7_000_000_000_000L, 51, 2));
    }

    @Test
    void aCandidateHasItsNoiseInAnyBatchAndOrder() {
        try (var manager = NDManager.newBaseManager();
                var one = new CandidateNoise(manager, new long[] {11, 12, 13}, LATENT, STEPS);
                var other = new CandidateNoise(manager, new long[] {13, 99, 11}, LATENT, STEPS)) {
            for (int step : STEPS) {
                var a = one.at(step, manager);
                var b = other.at(step, manager);
                assertEquals(new Shape(3, 4, 3, 5), a.getShape());
                assertArrayEquals(a.get(0).toFloatArray(), b.get(2).toFloatArray());
                assertArrayEquals(a.get(2).toFloatArray(), b.get(0).toFloatArray());
                assertArrayEquals(noise(12, step, 60), a.get(1).toFloatArray());
            }
        }
    }

    @Test
    void chunksDoNotShow() {
        var seeds = new long[] {5, 6};
        long twoSteps = 2 * seeds.length * LATENT.size() * Float.BYTES;
        try (var manager = NDManager.newBaseManager();
                var chunked = new CandidateNoise(manager, seeds, LATENT, STEPS, twoSteps)) {
            for (int step : STEPS) {
                assertArrayEquals(
                        noise(6, step, 60), chunked.at(step, manager).get(1).toFloatArray());
            }
        }
    }

    @Test
    void onlyAnnouncedStepsAreDrawn() {
        try (var manager = NDManager.newBaseManager();
                var noise = new CandidateNoise(manager, new long[] {5}, LATENT, STEPS)) {
            assertThrows(IllegalArgumentException.class, () -> noise.at(3, manager));
        }
    }

    /** Correlations between neighbours of every kind: seeds, steps, places. */
    @Test
    void neighboursAreIndependent() {
        int n = 40_000;
        var base = noise(1000, 3, n + 1);
        double bound = 5 / Math.sqrt(n);
        for (var other : new float[][] {noise(1001, 3, n), noise(1000, 4, n), shifted(base)}) {
            double sum = 0;
            for (int i = 0; i < n; i++) {
                sum += base[i] * other[i];
            }
            assertEquals(0, sum / n, bound);
        }
        assertTrue(tailShare(base) > 0.002 && tailShare(base) < 0.0035, "beyond 3 sigma: 0.27 %");
    }

    private static double tailShare(float[] values) {
        long tail = 0;
        for (float v : values) {
            tail += Math.abs(v) > 3 ? 1 : 0;
        }
        return (double) tail / values.length;
    }

    private static float[] shifted(float[] values) {
        return Arrays.copyOfRange(values, 1, values.length);
    }

    private static float[] noise(long seed, int step, int count) {
        var values = new float[count];
        CandidateNoise.fill(seed, step, FloatBuffer.wrap(values));
        return values;
    }
}
