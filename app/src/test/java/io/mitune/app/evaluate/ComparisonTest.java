package io.mitune.app.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.mitune.app.evaluate.Arm.PromptResult;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final Arm BASE =
            new Arm(
                    "base",
                    List.of(
                            result("a red star", "single", List.of(true, false), 1, 3),
                            result("two red stars", "numeracy", List.of(false, false), 2, 2),
                            result("a cat", "", List.of(), 5, 5)));
    private static final Arm TUNED =
            new Arm(
                    "tuned",
                    List.of(
                            result("a red star", "single", List.of(true, true), 2, 4),
                            result("two red stars", "numeracy", List.of(true, true), 2, 2),
                            result("a cat", "", List.of(), 6, 6)));

    @Test
    void armsAreComparedPairedByPromptAndByCategory() {
        var comparison = new Comparison(List.of(BASE, TUNED));
        assertEquals(
                List.of(
                        "",
                        "prompts",
                        "base % right",
                        "tuned % right",
                        "tuned - base",
                        "base MI",
                        "tuned MI"),
                comparison.header());
        assertEquals(
                List.of(
                        // differences 50 and 100 points: mean 75, standard error 25
                        List.of(
                                "all",
                                "3",
                                "25.0 \u00b1 25.0",
                                "100.0 \u00b1 0.0",
                                "+75.0 \u00b1 25.0",
                                "3.000 \u00b1 1.000",
                                "3.667 \u00b1 1.202"),
                        List.of("single", "1", "50.0", "100.0", "+50.0", "2.000", "3.000"),
                        List.of("numeracy", "1", "0.0", "100.0", "+100.0", "2.000", "2.000")),
                comparison.rows());
    }

    @Test
    void withoutScenesThereIsNoAccuracy() {
        var arm = new Arm("base", List.of(result("a cat", "", List.of(), 1, 2)));
        var comparison = new Comparison(List.of(arm));
        assertFalse(comparison.isGraded());
        assertEquals(List.of("", "prompts", "base MI"), comparison.header());
        assertEquals(List.of(List.of("all", "1", "1.500")), comparison.rows());
    }

    @Test
    void jsonHoldsNoNaN() {
        var broken = new Arm("b", List.of(result("a cat", "", List.of(), Double.NaN, 1)));
        var json = ComparisonJson.of(new Comparison(List.of(broken))).toString();
        assertFalse(json.contains("NaN"), json);
    }

    private static PromptResult result(
            String prompt, String category, List<Boolean> right, double... mi) {
        return new PromptResult(prompt, category, right, Arrays.stream(mi).boxed().toList());
    }
}
