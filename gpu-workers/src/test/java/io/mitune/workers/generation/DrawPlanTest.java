package io.mitune.workers.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.schemas.SamplingSettings;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Tasks that a model can't do are refused before any work, in one line. */
class DrawPlanTest {
    private static final Path CASES = Path.of("../diffusion/src/test/resources/parity");

    @Test
    void flowMatchingAndDiffusionDoNotMix() {
        try (var model = load("sd35-fp32")) {
            var plan = DrawPlan.of(model, settings("flow-match-euler", 12, 20), 3, 2);
            assertEquals(new DrawPlan(plan.settings(), 12, 20), plan);
            assertEquals(2, plan.settings().microBatch());
            assertRefused(
                    "scheduler: expected flow-match-euler for a model of flow matching, found ddpm",
                    model,
                    settings("ddpm", 0, 0));
            assertRefused(
                    "height: expected a multiple of 4 up to 4096, found 10",
                    model,
                    settings("flow-match-euler", 10, 20));
        }
        try (var model = load("epsilon-fp32")) {
            assertRefused(
                    "scheduler: expected ddpm, ddim, euler, pndm for a model of diffusion,"
                            + " found flow-match-euler",
                    model,
                    settings("flow-match-euler", 0, 0));
        }
    }

    private static void assertRefused(
            String message, StableDiffusion model, SamplingSettings settings) {
        var error =
                assertThrows(
                        IllegalArgumentException.class, () -> DrawPlan.of(model, settings, 1, 1));
        assertEquals(message, error.getMessage());
    }

    private static StableDiffusion load(String name) {
        return StableDiffusion.load(CASES.resolve(name).resolve("model"), LoadOptions.plain());
    }

    private static SamplingSettings settings(String scheduler, int height, int width) {
        return SamplingSettings.newBuilder()
                .setScheduler(scheduler)
                .setNumInferenceSteps(4)
                .setGuidanceScale(2)
                .setHeight(height)
                .setWidth(width)
                .build();
    }
}
