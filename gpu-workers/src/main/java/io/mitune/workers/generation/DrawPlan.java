package io.mitune.workers.generation;

import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.sampling.SamplingRequest;
import io.mitune.diffusion.sampling.SamplingSettings;
import io.mitune.diffusion.sampling.SamplingSettings.Score;
import io.mitune.diffusion.scheduler.SchedulerKind;
import io.mitune.diffusion.scheduler.Schedulers;
import java.util.List;

/**
 * How a task wants its pictures drawn, checked.
 *
 * <p>Tasks come from outside: one with impossible settings is refused before any work is done.
 *
 * @param settings of the sampler, scored by the official estimator
 * @param height pixels; 0 means the model's own size
 * @param width likewise
 */
record DrawPlan(SamplingSettings settings, int height, int width) {
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
        return new DrawPlan(settings, wanted.getHeight(), wanted.getWidth());
    }

    /** Some of the task's pictures, all in one micro-batch. */
    SamplingRequest request(List<SamplingRequest.Entry> entries) {
        var s = settings;
        var together =
                new SamplingSettings(
                        s.scheduler(), s.steps(), s.guidance(), s.score(), entries.size());
        return new SamplingRequest(entries, together, height, width);
    }

    private static void require(String name, int found, int least, int most) {
        if (found < least || found > most) {
            throw new IllegalArgumentException(
                    "%s: expected %d to %d, found %d".formatted(name, least, most, found));
        }
    }
}
