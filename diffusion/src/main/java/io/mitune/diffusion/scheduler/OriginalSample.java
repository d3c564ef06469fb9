package io.mitune.diffusion.scheduler;

/** Predicted x0 as ofSample * x + ofPrediction * p, at signal share abar. */
record OriginalSample(double ofSample, double ofPrediction) {
    static OriginalSample of(PredictionType type, double abar) {
        double signal = Math.sqrt(abar);
        double noise = Math.sqrt(1 - abar);
        return switch (type) {
            case EPSILON -> new OriginalSample(1 / signal, -noise / signal);
            case V_PREDICTION -> new OriginalSample(signal, -noise);
        };
    }
}
