package io.mitune.diffusion.scheduler;

/**
 * Deterministic sampling (Song et al. 2021, eq. 12 with sigma = 0): x' = sqrt(abar') x0 + sqrt(1 -
 * abar') eps. The next timestep is a fixed stride away, whatever the spacing, as in diffusers.
 */
final class Ddim {
    private Ddim() {}

    static Scheduler create(SchedulerSettings settings, int steps) {
        var times = Schedulers.wholeTimesteps(settings, steps);
        int stride = settings.schedule().steps() / steps;
        return Schedulers.unscaled(
                settings, times, i -> step(settings, (int) times[i], (int) times[i] - stride));
    }

    private static StepCoefficients step(SchedulerSettings settings, int t, int nextT) {
        double abar = settings.schedule().alphaCumprod(t);
        double next = finalOr(settings, nextT);
        double signal = Math.sqrt(abar);
        double noise = Math.sqrt(1 - abar);
        double direction = Math.sqrt(1 - next);
        var x0 = OriginalSample.of(settings.predictionType(), abar);
        boolean epsilon = settings.predictionType() == PredictionType.EPSILON;
        return new StepCoefficients(
                x0.ofSample(),
                x0.ofPrediction(),
                Math.sqrt(next),
                epsilon ? 0 : direction * noise,
                epsilon ? direction : direction * signal,
                0);
    }

    /** abar at t, or past the first train step the configured final value. */
    static double finalOr(SchedulerSettings settings, int t) {
        if (t >= 0) {
            return settings.schedule().alphaCumprod(t);
        }
        return settings.setAlphaToOne() ? 1 : settings.schedule().alphaCumprod(0);
    }
}
