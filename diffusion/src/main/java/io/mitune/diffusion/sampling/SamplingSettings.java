package io.mitune.diffusion.sampling;

import io.mitune.diffusion.scheduler.SchedulerKind;

/**
 * How samples are drawn; with model, text and seed it fixes them.
 *
 * @param scheduler the sampler
 * @param steps number of sampling steps
 * @param guidance classifier-free guidance scale; up to 1, predictions are not guided
 * @param score whether, and how, to score samples by point-wise MI
 * @param microBatch samples per model call (their unconditional halves not counted)
 */
public record SamplingSettings(
        SchedulerKind scheduler, int steps, double guidance, Score score, int microBatch) {

    /**
     * The score to compute on the way.
     *
     * @param wanted false: no score, and no second half of the batch unless guidance needs it
     * @param estimator the weights
     * @param cut only steps with t &gt; cut enter, t in train timesteps
     */
    public record Score(boolean wanted, MiEstimator estimator, double cut) {
        /** The authors' lower end of the window. */
        public static final double OFFICIAL_CUT = 50;

        /** No score. */
        public static final Score NONE = new Score(false, MiEstimator.OFFICIAL, OFFICIAL_CUT);

        /** The authors' estimator and window. */
        public static final Score OFFICIAL = new Score(true, MiEstimator.OFFICIAL, OFFICIAL_CUT);
    }

    public SamplingSettings {
        require(steps >= 1, "steps: expected at least 1, found " + steps);
        require(Double.isFinite(guidance), "guidance: expected a number, found " + guidance);
        require(microBatch >= 1, "micro-batch: expected at least 1, found " + microBatch);
    }

    /** Whether predictions are mixed; diffusers' rule. */
    boolean guided() {
        return guidance > 1;
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
