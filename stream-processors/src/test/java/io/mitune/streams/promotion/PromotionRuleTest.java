package io.mitune.streams.promotion;

import static io.mitune.streams.Samples.evaluation;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.Evaluation;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PromotionRuleTest {
    private static final PromotionRule RULE = PromotionRule.DEFAULT;
    private static final Evaluation BASE = evaluation(0, 0, 1, 5, 9).build();

    @Test
    void aBetterScoreIsPromotedAndTheReasonShowsTheFigures() {
        var decision = decide(RULE, evaluation(1, 1, 2, 6, 10).build());
        assertTrue(decision.promoted());
        assertEquals(
                "mean MI 6.000, version 0 has 5.000; difference +1.000 ± 0.000, not worse by more"
                        + " than 2.000 standard errors",
                decision.reason());
    }

    @Test
    void comparesPromptByPrompt() {
        // all prompts lose about 0.5: clear within prompts, invisible beside the spread over
        // prompts
        assertFalse(decide(RULE, evaluation(1, 1, 0.4, 4.5, 8.6).build()).promoted());
        // the same mean loss, but carried by one prompt alone
        assertTrue(decide(RULE, evaluation(1, 1, 1, 5, 7.5).build()).promoted());
    }

    @Test
    void fallsBackToBothStandardErrorsWhenThePromptsDiffer() {
        var fewer = evaluation(1, 1, 4.9, 4.9).setStandardErrorMi(0.1).build();
        assertTrue(decide(RULE, fewer).promoted()); // -0.1 against 2 * 0.141
        var worse = evaluation(1, 1, 4.7, 4.7).setStandardErrorMi(0.1).build();
        assertFalse(decide(RULE, worse).promoted()); // -0.3
        assertTrue(decide(new PromotionRule(false, 3, 1), worse).promoted());
    }

    @Test
    void equalScoresPass() {
        assertTrue(decide(RULE, evaluation(1, 1, 1, 5, 9).build()).promoted());
    }

    @Test
    void brokenValuesNeverPass() {
        var always = new PromotionRule(true, 2, 1);
        for (var rule : new PromotionRule[] {RULE, always}) {
            assertFalse(
                    decide(rule, evaluation(1, 1, 9, 9, 9).setFinite(false).build()).promoted());
            assertFalse(decide(rule, evaluation(1, 1, 9, Double.NaN, 9).build()).promoted());
            assertFalse(
                    decide(rule, evaluation(1, 1, 9, 9, 9).setAdapterNorm(1.5).build()).promoted());
            assertFalse(
                    decide(rule, evaluation(1, 1, 9, 9, 9).setAdapterNorm(Double.NaN).build())
                            .promoted());
        }
    }

    @Test
    void alwaysNeedsNoParent() {
        var always = new PromotionRule(true, 2, 1);
        var worse = evaluation(1, 1, 0, 0, 0).build();
        assertFalse(always.needsParent(worse));
        assertTrue(always.decide(worse, Optional.empty()).promoted());
        assertTrue(RULE.needsParent(worse));
        assertFalse(RULE.needsParent(evaluation(1, 1, 0, 0).setFinite(false).build()));
    }

    @Test
    void aParentWithoutAScoreCannotHoldAnyoneBack() {
        var broken = evaluation(0, 0, 1, 1, 1).setMeanMi(Double.NaN).build();
        var decision = RULE.decide(evaluation(1, 1, 1, 1, 1).build(), Optional.of(broken));
        assertTrue(decision.promoted());
    }

    @Test
    void checksItsOwnValues() {
        assertThrows(IllegalArgumentException.class, () -> new PromotionRule(false, -1, 1));
        assertThrows(IllegalArgumentException.class, () -> new PromotionRule(false, 2, Double.NaN));
    }

    private static PromotionRule.Decision decide(PromotionRule rule, Evaluation of) {
        return rule.decide(of, Optional.of(BASE));
    }
}
