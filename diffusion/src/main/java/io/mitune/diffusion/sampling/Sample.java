package io.mitune.diffusion.sampling;

import java.util.OptionalDouble;

/**
 * One drawn sample.
 *
 * @param seed what it was drawn from
 * @param latents final latents, C x H x W values
 * @param mi its score, when one was asked for; NaN or infinite where the model broke down
 * @param terms weighted term of each sampling step, those outside the window too; empty without
 *     score
 * @param paperTerms the same by the paper's estimator, whichever was asked for
 * @param finite whether all latents are numbers; false is a failed sample, to be reported as such
 */
public record Sample(
        long seed,
        float[] latents,
        OptionalDouble mi,
        float[] terms,
        float[] paperTerms,
        boolean finite) {}
