package io.mitune.diffusion.scheduler;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.function.IntFunction;

/** Makes samplers out of a config and a number of steps. */
public final class Schedulers {
    private Schedulers() {}

    /** {@link #create(SchedulerKind, SchedulerConfig, int)} by command-line name. */
    public static Scheduler create(String name, SchedulerConfig config, int steps) {
        return create(SchedulerKind.of(name), config, steps);
    }

    /**
     * The sampler of this kind.
     *
     * @throws IllegalArgumentException in one line, when the config asks for something unsupported
     *     or the number of steps does not fit
     */
    public static Scheduler create(SchedulerKind kind, SchedulerConfig config, int steps) {
        return create(config.settings(kind), steps);
    }

    static Scheduler create(SchedulerSettings settings, int steps) {
        int trainSteps = settings.schedule().steps();
        if (steps < 1 || steps > trainSteps) {
            throw new IllegalArgumentException(
                    "steps: expected 1 to " + trainSteps + ", found " + steps);
        }
        return switch (settings.kind()) {
            case DDPM -> Ddpm.create(settings, steps);
            case DDIM -> Ddim.create(settings, steps);
            case EULER -> Euler.create(settings, steps);
            case PNDM -> new Pndm(settings, steps);
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
