package io.mitune.diffusion.scheduler;

/**
 * Ancestral sampling with the posterior of the forward process (Ho et al. 2020, eqs. 6, 7 and 15),
 * taken between neighbouring sampling steps:
 *
 * <pre>
 * x' = sqrt(abar') b / (1 - abar) x0 + sqrt(a) (1 - abar') / (1 - abar) x + std z
 * a = abar / abar',  b = 1 - a,  std^2 = (1 - abar') / (1 - abar) b   (or b)
 * </pre>
 */
final class Ddpm {
    private static final double MIN_VARIANCE = 1e-20;

    private Ddpm() {}

    static Scheduler create(SchedulerSettings settings, int steps) {
        var times = Schedulers.wholeTimesteps(settings, steps);
        return Schedulers.unscaled(settings, times, i -> step(settings, times, i));
    }

    private static StepCoefficients step(SchedulerSettings settings, double[] times, int i) {
        var schedule = settings.schedule();
        double abar = schedule.alphaCumprod((int) times[i]);
        double next = i + 1 < times.length ? schedule.alphaCumprod((int) times[i + 1]) : 1;
        double a = abar / next;
        double b = 1 - a;
        double variance =
                settings.largeVariance() ? b : Math.max((1 - next) / (1 - abar) * b, MIN_VARIANCE);
        var x0 = OriginalSample.of(settings.predictionType(), abar);
        return new StepCoefficients(
                x0.ofSample(),
                x0.ofPrediction(),
                Math.sqrt(next) * b / (1 - abar),
                Math.sqrt(a) * (1 - next) / (1 - abar),
                0,
                times[i] > 0 ? Math.sqrt(variance) : 0);
    }
}
