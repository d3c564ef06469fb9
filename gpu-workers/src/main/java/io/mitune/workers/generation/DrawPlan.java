package io.mitune.workers.generation;

import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.sampling.SamplingSettings;
import io.mitune.diffusion.sampling.SamplingSettings.Score;
import io.mitune.diffusion.scheduler.SchedulerKind;
import io.mitune.diffusion.scheduler.Schedulers;

/**
 * The sampler's settings and the latents' shape that a task asks for, checked.
 *
 * <p>Tasks come from outside: one with impossible settings is refused before any work is done.
 *
 * @param settings of the sampler, scored by the official estimator
 * @param latent C, H, W
 */
record DrawPlan(SamplingSettings settings, Shape latent) {
    private static final int MAX_MICRO_BATCH = 128;

    /**
     * @throws IllegalArgumentException in one line, when this model can't do it
     */
    static DrawPlan of(
            StableDiffusion model,
            io.mitune.schemas.SamplingSettings wanted,
            int images,
            int microBatch) {
        require("images", images, 1, 1_000_000);
        require("microBatch", microBatch, 1, MAX_MICRO_BATCH);
        var kind = SchedulerKind.of(wanted.getScheduler());
        int steps = wanted.getNumInferenceSteps();
        var settings =
                new SamplingSettings(
                        kind, steps, wanted.getGuidanceScale(), Score.OFFICIAL, microBatch);
        var latent = model.latentShape(wanted.getHeight(), wanted.getWidth());
        Schedulers.create(kind, model.schedulerConfig(), steps, latent);
        return new DrawPlan(settings, latent);
    }

    private static void require(String name, int found, int least, int most) {
        if (found < least || found > most) {
            throw new IllegalArgumentException(
                    "%s: expected %d to %d, found %d".formatted(name, least, most, found));
        }
    }
}
