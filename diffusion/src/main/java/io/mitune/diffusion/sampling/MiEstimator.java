package io.mitune.diffusion.sampling;

import io.mitune.diffusion.scheduler.NoiseSchedule;
import java.util.Arrays;

/**
 * How a squared difference of noise predictions at timestep t is weighted in the score. For
 * rectified flows the two names differ in another way: see {@link RectifiedFlowMi}.
 */
public enum MiEstimator {
    /** w_t = beta_t T / (2 (1 - abar_t)): what the authors' code computes. */
    OFFICIAL("official") {
        @Override
        double weight(double beta, double alphaCumprod, int trainSteps) {
            return beta * trainSteps / (2 * (1 - alphaCumprod));
        }
    },
    /** With the further factor 1 / alpha_t of the paper's eq. (2). */
    PAPER("paper") {
        @Override
        double weight(double beta, double alphaCumprod, int trainSteps) {
            return OFFICIAL.weight(beta, alphaCumprod, trainSteps) / (1 - beta);
        }
    };

    private final String key;

    MiEstimator(String key) {
        this.key = key;
    }

    /** The name a user types. */
    public String key() {
        return key;
    }

    /** The estimator called {@code name}. */
    public static MiEstimator of(String name) {
        return Arrays.stream(values())
                .filter(estimator -> estimator.key.equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "estimator: expected official or paper, found " + name));
    }

    /** w_t at a timestep, which may be fractional. */
    public double weight(NoiseSchedule schedule, double t) {
        return weight(schedule.betaAt(t), schedule.alphaCumprodAt(t), schedule.steps());
    }

    abstract double weight(double beta, double alphaCumprod, int trainSteps);
}
