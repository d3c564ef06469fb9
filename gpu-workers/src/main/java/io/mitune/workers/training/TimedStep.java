package io.mitune.workers.training;

import io.mitune.diffusion.training.StepResult;
import java.util.function.Supplier;

/**
 * One optimizer step and the time that it took. Immutable.
 *
 * <p>What the step computes does not depend on either time.
 *
 * @param result of the step
 * @param seconds from asking for the device to the end, for the rate
 * @param deviceSeconds on the device, added over all devices, for budgets
 */
record TimedStep(StepResult result, double seconds, double deviceSeconds) {

    /** Takes the step when the device is free. */
    static TimedStep take(TrainerContext context, Supplier<StepResult> step) {
        long asked = System.nanoTime();
        return context.device()
                .with(
                        () -> {
                            long begin = System.nanoTime();
                            var result = step.get();
                            long end = System.nanoTime();
                            int devices = context.config().devices().all().size();
                            return new TimedStep(
                                    result, (end - asked) / 1e9, devices * (end - begin) / 1e9);
                        });
    }
}
