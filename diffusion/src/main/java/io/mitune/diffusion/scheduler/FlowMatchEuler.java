package io.mitune.diffusion.scheduler;

import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * Euler steps along a rectified flow (SD 3, arXiv 2403.03206): x' = x + (sigma' - sigma) v, or,
 * with stochastic sampling, x' = (1 - sigma') (x - sigma v) + sigma' z.
 */
final class FlowMatchEuler {
    private FlowMatchEuler() {}

    /**
     * @param tokens of the image, which a dynamic shift depends on
     */
    static Scheduler create(FlowSettings settings, int n, long tokens) {
        var sigmas = settings.samplingSigmas(n, tokens);
        var times = new double[n];
        var scales = new double[n];
        var steps = new StepCoefficients[n];
        Arrays.fill(scales, 1);
        for (int i = 0; i < n; i++) {
            float next = i + 1 < n ? sigmas[i + 1] : 0;
            times[i] = sigmas[i] * settings.trainSteps(); // in single precision, as the reference
            steps[i] =
                    settings.stochasticSampling()
                            ? stochastic(sigmas[i], next)
                            : StepCoefficients.direct(1, next - sigmas[i]);
        }
        return new OneStepScheduler(times, 1, scales, steps, OptionalDouble.empty());
    }

    private static StepCoefficients stochastic(double sigma, double next) {
        return new StepCoefficients(0, 0, 0, 1 - next, -(1 - next) * sigma, next);
    }
}
