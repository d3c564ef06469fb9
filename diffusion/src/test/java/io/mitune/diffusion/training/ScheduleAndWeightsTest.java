package io.mitune.diffusion.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mitune.diffusion.training.LearningRateSchedule.Kind;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ScheduleAndWeightsTest {
    @Test
    void warmUpRisesFromZeroAndStays() {
        var schedule = new LearningRateSchedule(Kind.CONSTANT_WITH_WARMUP, 4);
        assertEquals(0, schedule.factor(0, 100));
        assertEquals(0.75, schedule.factor(3, 100));
        assertEquals(1, schedule.factor(4, 100));
        assertEquals(1, schedule.factor(99, 100));
        assertEquals(1, new LearningRateSchedule(Kind.CONSTANT, 4).factor(0, 100));
    }

    @Test
    void cosineEndsAtZero() {
        var schedule = new LearningRateSchedule(Kind.COSINE, 10);
        assertEquals(0.5, schedule.factor(5, 110));
        assertEquals(1, schedule.factor(10, 110));
        assertEquals(0.5, schedule.factor(60, 110), 1e-12);
        assertEquals((1 + Math.sqrt(0.5)) / 2, schedule.factor(35, 110), 1e-12);
        assertEquals(0, schedule.factor(110, 110), 1e-12);
    }

    @Test
    void namesAreThoseOfDiffusers() {
        assertEquals(Kind.CONSTANT_WITH_WARMUP, Kind.of("constant_with_warmup"));
        var e = assertThrows(IllegalArgumentException.class, () -> Kind.of("linear"));
        assertEquals(
                "training.lr_scheduler: expected one of constant, constant_with_warmup, cosine,"
                        + " found linear",
                e.getMessage());
    }

    @Test
    void minSnrByHand() {
        var abar = new double[] {0.9, 0.5, 0.1, 0}; // snr 9, 1, 1/9, 0
        var gamma = OptionalDouble.of(3);
        assertArrayEquals(new float[] {3f / 9, 1, 1, 1}, MinSnr.weights(abar, gamma, false), 1e-6f);
        assertArrayEquals(
                new float[] {3f / 10, 1f / 2, 1f / 10, 0},
                MinSnr.weights(abar, gamma, true),
                1e-6f);
        assertArrayEquals(
                new float[] {1, 1, 1, 1}, MinSnr.weights(abar, OptionalDouble.empty(), true));
    }
}
