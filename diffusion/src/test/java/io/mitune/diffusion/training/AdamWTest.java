package io.mitune.diffusion.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.Test;

class AdamWTest {
    /** lr 0.1, betas 0.9 and 0.99, eps 0.01, decay 0.5: numbers that stay readable. */
    private static final OptimizerConfig CONFIG = new OptimizerConfig(0.1, 0.9, 0.99, 0.01, 0.5, 1);

    @Test
    void firstStepByHand() {
        try (var manager = NDManager.newBaseManager()) {
            var p = manager.create(new float[] {1, -2, 0});
            var g = manager.create(new float[] {0.5f, -1, 0});
            var adam = new AdamW(manager, CONFIG, p);
            adam.step(p, g, 0.1);
            // decay: p * 0.95. Corrected m = g, corrected v = g^2: update 0.1 * g / (|g| + 0.01)
            var expected =
                    new float[] {
                        0.95f - 0.1f * 0.5f / 0.51f, -1.9f + 0.1f * 1 / 1.01f, 0,
                    };
            assertArrayEquals(expected, p.toFloatArray(), 1e-6f);
            assertArrayEquals(new float[] {0.5f, -1, 0}, g.toFloatArray(), "gradient untouched");
        }
    }

    @Test
    void secondStepByHand() {
        try (var manager = NDManager.newBaseManager()) {
            var p = manager.create(new float[] {1});
            var adam = new AdamW(manager, CONFIG, p);
            adam.step(p, manager.create(new float[] {1}), 0.1);
            adam.step(p, manager.create(new float[] {-2}), 0.1);
            double first = 0.95 - 0.1 * 1 / 1.01;
            double m = 0.9 * 0.1 + 0.1 * -2;
            double v = 0.99 * 0.01 + 0.01 * 4;
            double root = Math.sqrt(v) / Math.sqrt(1 - 0.99 * 0.99);
            double second = first * 0.95 - 0.1 / (1 - 0.81) * m / (root + 0.01);
            assertEquals(second, p.getFloat(0), 1e-6);
            assertEquals(m, adam.firstMoment().getFloat(0), 1e-7);
            assertEquals(v, adam.secondMoment().getFloat(0), 1e-7);
        }
    }

    @Test
    void clippingBoundsTheNormAndKeepsTheDirection() {
        try (var manager = NDManager.newBaseManager()) {
            var g = manager.create(new float[] {3, -4});
            double norm = GradientNorm.of(g);
            assertEquals(5, norm, 1e-6);
            GradientNorm.clip(g, norm, 1);
            assertArrayEquals(new float[] {0.6f, -0.8f}, g.toFloatArray(), 1e-6f);
            GradientNorm.clip(g, 1, 2);
            assertArrayEquals(new float[] {0.6f, -0.8f}, g.toFloatArray(), 1e-6f);
        }
    }

    @Test
    void averageFollowsWithARisingDecay() {
        try (var manager = NDManager.newBaseManager()) {
            var p = manager.create(new float[] {1});
            var ema = new Ema(manager, p, 0.15);
            ema.update(manager.create(new float[] {2})); // decay 0
            assertEquals(2, ema.average().getFloat(0), 1e-6);
            ema.update(manager.create(new float[] {3})); // decay 0.15 < 2 / 11
            assertEquals(0.15 * 2 + 0.85 * 3, ema.average().getFloat(0), 1e-6);
            var slow = new Ema(manager, p, 0.999);
            slow.update(manager.create(new float[] {2}));
            slow.update(manager.create(new float[] {3})); // decay 2 / 11
            assertEquals(2.0 * 2 / 11 + 3.0 * 9 / 11, slow.average().getFloat(0), 1e-6);
        }
    }
}
