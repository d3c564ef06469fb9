package io.mitune.diffusion.scheduler;

import java.util.OptionalDouble;

/**
 * Euler steps of the probability flow in the variance-exploding frame (Karras et al. 2022,
 * algorithm 1 without churn): x = x_t / sqrt(abar_t), sigma = sqrt((1 - abar) / abar), x' = x +
 * (sigma' - sigma) eps. The model sees x / sqrt(sigma^2 + 1), which is x_t again.
 */
final class Euler {
    /** abar_{T-1} under zero terminal SNR: small, so that the first sigma is finite. */
    private static final double SMALLEST_ALPHA = 0x1p-24;

    private Euler() {}

    static Scheduler create(SchedulerSettings settings, int n) {
        int trainSteps = settings.schedule().steps();
        var times = settings.timestepSpacing().descending(trainSteps, n, settings.stepsOffset());
        for (int i = 0; i < n; i++) {
            times[i] = (float) times[i];
        }
        var table = sigmaTable(settings.schedule());
        double end = settings.finalSigmaZero() ? 0 : table[0];
        var sigmas = settings.logLinearSigmas() ? logLinear(table, n) : linear(table, times, end);
        var scales = new double[n];
        var steps = new StepCoefficients[n];
        double largest = 0;
        for (int i = 0; i < n; i++) {
            scales[i] = 1 / Math.sqrt(sigmas[i] * sigmas[i] + 1);
            steps[i] = step(settings.predictionType(), sigmas[i], sigmas[i + 1]);
            largest = Math.max(largest, sigmas[i]);
        }
        boolean leading = settings.timestepSpacing() == TimestepSpacing.LEADING;
        double start = leading ? Math.sqrt(largest * largest + 1) : largest;
        return new OneStepScheduler(times, start, scales, steps, OptionalDouble.empty());
    }

    private static StepCoefficients step(PredictionType type, double sigma, double next) {
        double dt = next - sigma;
        double power = sigma * sigma + 1;
        return switch (type) {
            case EPSILON -> StepCoefficients.direct(1, dt);
            case V_PREDICTION ->
                    StepCoefficients.direct(1 + dt * sigma / power, dt / Math.sqrt(power));
        };
    }

    private static double[] sigmaTable(NoiseSchedule schedule) {
        var table = new double[schedule.steps()];
        for (int t = 0; t < table.length; t++) {
            table[t] =
                    schedule.alphaCumprod(t) > 0
                            ? schedule.sigma(t)
                            : (float) Math.sqrt((1 - SMALLEST_ALPHA) / SMALLEST_ALPHA);
        }
        return table;
    }

    private static double[] linear(double[] table, double[] times, double end) {
        var sigmas = new double[times.length + 1];
        sigmas[times.length] = end;
        for (int i = 0; i < times.length; i++) {
            double t = Math.max(0, Math.min(times[i], table.length - 1));
            int low = (int) t;
            double share = t - low;
            sigmas[i] =
                    (float)
                            (share == 0
                                    ? table[low]
                                    : table[low] + (table[low + 1] - table[low]) * share);
        }
        return sigmas;
    }

    /** n + 1 values from the largest train sigma to the smallest, where sampling ends. */
    private static double[] logLinear(double[] table, int n) {
        double high = Math.log(table[table.length - 1]);
        double low = Math.log(table[0]);
        var sigmas = new double[n + 1];
        for (int i = 0; i <= n; i++) {
            sigmas[i] = (float) Math.exp(high + (low - high) * i / n);
        }
        return sigmas;
    }
}
