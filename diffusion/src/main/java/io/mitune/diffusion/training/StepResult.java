package io.mitune.diffusion.training;

/**
 * What one optimizer step reported. Immutable.
 *
 * @param step number of the step, from 0
 * @param loss mean weighted loss over all samples of the step
 * @param gradNorm L2 norm of the gradient before clipping
 * @param learningRate of the step
 * @param samples forward and backward passes made by the step, counted in samples
 * @param skipped true if loss or gradient was not finite, so that nothing changed but the step
 *     number
 */
public record StepResult(
        long step,
        double loss,
        double gradNorm,
        double learningRate,
        int samples,
        boolean skipped) {}
