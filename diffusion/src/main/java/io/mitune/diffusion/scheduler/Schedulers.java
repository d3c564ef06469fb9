package io.mitune.diffusion.scheduler;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.function.IntFunction;

/** Makes samplers out of a config and a number of steps. */
public final class Schedulers {
    private Schedulers() {}

    /**
     * The sampler of this kind.
     *
     * @param latent shape of a latent image, [..., H, W]; shifts may depend on its size
     * @throws IllegalArgumentException in one line, when the config asks for something unsupported,
     *     the model needs another kind, or the number of steps does not fit
     */
    public static Scheduler create(
            SchedulerKind kind, SchedulerConfig config, int steps, Shape latent) {
        config.requireFit(kind);
        int trainSteps = config.trainSteps();
        if (steps < 1 || steps > trainSteps) {
            throw new IllegalArgumentException(
                    "steps: expected 1 to " + trainSteps + ", found " + steps);
        }
        return switch (kind) {
            case DDPM -> Ddpm.create(config.settings(kind), steps);
            case DDIM -> Ddim.create(config.settings(kind), steps);
            case EULER -> Euler.create(config.settings(kind), steps);
            case PNDM -> new Pndm(config.settings(kind), steps);
            case FLOW_MATCH_EULER ->
                    FlowMatchEuler.create(config.flowSettings(), steps, config.tokens(latent));
        };
    }

    /** A sampler that works in the variance-preserving frame: start noise and input unscaled. */
    static Scheduler unscaled(
            SchedulerSettings settings, double[] times, IntFunction<StepCoefficients> step) {
        var scales = new double[times.length];
        Arrays.fill(scales, 1);
        var steps = new StepCoefficients[times.length];
        Arrays.setAll(steps, step);
        var clip =
                settings.clipSample()
                        ? OptionalDouble.of(settings.clipSampleRange())
                        : OptionalDouble.empty();
        return new OneStepScheduler(times, 1, scales, steps, clip);
    }

    /** Whole timesteps, all inside the train range. */
    static double[] wholeTimesteps(SchedulerSettings settings, int steps) {
        int trainSteps = settings.schedule().steps();
        var times =
                TimestepSpacing.rounded(
                        settings.timestepSpacing()
                                .descending(trainSteps, steps, settings.stepsOffset()));
        requireInside(times, trainSteps, steps);
        return times;
    }

    static void requireInside(double[] times, int trainSteps, int steps) {
        for (double t : times) {
            if (t < 0 || t > trainSteps - 1) {
                throw new IllegalArgumentException(
                        String.format(
                                "steps: %d steps ask for timestep %d, outside [0, %d]; use fewer",
                                steps, (int) t, trainSteps - 1));
            }
        }
    }
}
