package io.mitune.app.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Expected values are those of scipy 1.17, {@code spearmanr} and {@code kendalltau}. */
class RankCorrelationTest {
    private static final double TOLERANCE = 1e-12;

    @Test
    void tiesAreHandledAsInScipy() {
        assertBoth(
                0.8148769172359116,
                0.6667948594698258,
                List.of(3.2, 1.5, 4.8, 4.8, 2.2, 9.1, 0.3, 4.8),
                List.of(0.1, 0.4, 0.4, 0.9, 0.2, 0.9, 0.0, 0.5));
        assertBoth(
                0.8207826816681233,
                0.7378647873726218,
                List.of(1.0, 2.0, 3.0, 4.0, 5.0),
                List.of(5.0, 6.0, 7.0, 8.0, 7.0));
        assertBoth(
                -0.5407380704358752,
                -0.4714045207910316,
                List.of(12.0, 2.0, 1.0, 12.0, 2.0),
                List.of(1.0, 4.0, 7.0, 1.0, 0.0));
    }

    @Test
    void sameAndReversedOrder() {
        var x = List.of(1.0, 10.0, 100.0, 1000.0);
        assertBoth(1, 1, x, List.of(-4.0, -3.0, -2.0, 5.0));
        assertBoth(-1, -1, x, List.of(4.0, 3.0, 2.0, 1.0));
    }

    @Test
    void withoutAnOrderThereIsNoValue() {
        for (var x : List.of(List.of(1.0, 1.0, 1.0), List.of(1.0), List.<Double>of())) {
            var y = List.of(1.0, 2.0, 3.0).subList(0, x.size());
            assertTrue(Double.isNaN(RankCorrelation.spearman(x, y)), x + "");
            assertTrue(Double.isNaN(RankCorrelation.kendall(x, y)), x + "");
        }
    }

    @Test
    void equalValuesShareTheirMeanRank() {
        var ranks = RankCorrelation.ranks(List.of(7.0, 3.0, 7.0, 7.0, 1.0));
        assertArrayEquals(new double[] {4, 2, 4, 4, 1}, ranks);
    }

    private static void assertBoth(double rho, double tau, List<Double> x, List<Double> y) {
        assertEquals(rho, RankCorrelation.spearman(x, y), TOLERANCE);
        assertEquals(rho, RankCorrelation.spearman(y, x), TOLERANCE);
        assertEquals(tau, RankCorrelation.kendall(x, y), TOLERANCE);
        assertEquals(tau, RankCorrelation.kendall(y, x), TOLERANCE);
    }
}
