package io.mitune.diffusion.scheduler;

/**
 * One step as a linear map of sample x, prediction p and noise z:
 *
 * <pre>
 * x0 = originalOfSample * x + originalOfPrediction * p        (clipped, where configured)
 * x' = original * x0 + sample * x + prediction * p + noise * z
 * </pre>
 *
 * Without clipping the first line folds into the second: two multiplications per element.
 */
record StepCoefficients(
        double originalOfSample,
        double originalOfPrediction,
        double original,
        double sample,
        double prediction,
        double noise) {

    /** A step that never forms x0. */
    static StepCoefficients direct(double sample, double prediction) {
        return new StepCoefficients(0, 0, 0, sample, prediction, 0);
    }

    double foldedSample() {
        return original * originalOfSample + sample;
    }

    double foldedPrediction() {
        return original * originalOfPrediction + prediction;
    }
}
