package io.mitune.diffusion.sampling;

import io.mitune.diffusion.sampling.SamplingSettings.Score;
import io.mitune.diffusion.scheduler.PredictionType;
import io.mitune.diffusion.scheduler.SchedulerConfig;
import io.mitune.diffusion.scheduler.SchedulerKind;
import io.mitune.diffusion.scheduler.SchedulerSettings;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * What each sampling step counts in a score; immutable, if nobody writes to its arrays.
 *
 * @param timesteps of the sampling steps
 * @param weights w_t of each
 * @param paperWeights w_t of the paper's estimator, whichever was asked for
 * @param toEpsilon what turns a squared difference of predictions into one of noise: abar_t for a
 *     diffusion's velocity, 1 for all else
 * @param cut steps with cut &lt; t &lt; end enter the mean
 * @param end T, where a rectified flow holds nothing of the image
 */
public record MiWeights(
        double[] timesteps,
        double[] weights,
        double[] paperWeights,
        double[] toEpsilon,
        double cut,
        double end) {

    /** The weights of these timesteps for one score of one model. */
    static MiWeights of(
            Score score, SchedulerConfig config, SchedulerKind kind, double[] timesteps) {
        return kind.flowMatching()
                ? flow(score, config.trainSteps(), timesteps)
                : diffusion(score, config.settings(kind), timesteps);
    }

    private static MiWeights diffusion(Score score, SchedulerSettings s, double[] timesteps) {
        boolean velocity = s.predictionType() == PredictionType.V_PREDICTION;
        return new MiWeights(
                timesteps,
                each(timesteps, t -> score.estimator().weight(s.schedule(), t)),
                each(timesteps, t -> MiEstimator.PAPER.weight(s.schedule(), t)),
                each(timesteps, t -> velocity ? s.schedule().alphaCumprodAt(t) : 1),
                score.cut(),
                s.schedule().steps());
    }

    private static MiWeights flow(Score score, int end, double[] timesteps) {
        return new MiWeights(
                timesteps,
                each(timesteps, t -> (end - t) / t),
                each(timesteps, t -> (end - t) / t),
                each(timesteps, t -> 1),
                score.cut(),
                end);
    }

    private static double[] each(double[] timesteps, DoubleUnaryOperator value) {
        return Arrays.stream(timesteps).map(value).toArray();
    }

    /** Whether step k enters the mean. */
    public boolean inWindow(int k) {
        return timesteps[k] > cut && timesteps[k] < end;
    }

    /** The score out of one sample's weighted terms; NaN when no step lies in the window. */
    public double score(float[] terms) {
        double sum = 0;
        int count = 0;
        for (int k = 0; k < terms.length; k++) {
            if (inWindow(k)) {
                sum += terms[k];
                count++;
            }
        }
        return sum / count;
    }

    double scale(int k) {
        return weights[k] * toEpsilon[k];
    }

    double paperScale(int k) {
        return paperWeights[k] * toEpsilon[k];
    }
}
