package io.mitune.app.grading;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class EstimateTest {
    @Test
    void meanAndStandardErrorOverPrompts() {
        var estimate = Estimate.of(List.of(1.0, 2.0, 3.0, 4.0));
        assertEquals(2.5, estimate.mean());
        assertEquals(Math.sqrt(5.0 / 3 / 4), estimate.standardError(), 1e-12);
        assertEquals("250.0 \u00b1 64.5", estimate.percent());
        assertEquals("+250.0 \u00b1 64.5", estimate.signedPercent());
        assertEquals("2.50 \u00b1 0.65", estimate.decimals(2));
    }

    @Test
    void oneValueHasNoErrorAndNoValueNoMean() {
        assertEquals("50.0", Estimate.of(List.of(0.5)).percent());
        assertEquals("-", Estimate.of(List.of()).percent());
        assertEquals("-12.5", Estimate.of(List.of(-0.125)).signedPercent());
    }
}
