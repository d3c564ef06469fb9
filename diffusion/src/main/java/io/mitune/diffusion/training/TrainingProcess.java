package io.mitune.diffusion.training;

import io.mitune.diffusion.random.RandomStream;
import io.mitune.diffusion.scheduler.SchedulerConfig;

/**
 * How training makes a clean latent x_0 noisy and what it then asks of the model, for each train
 * step i of 0 to T - 1:
 *
 * <pre>
 *   x      = signal x_0 + noise eps
 *   target = targetOfSignal x_0 + targetOfNoise eps
 * </pre>
 *
 * <p>The model's scheduler decides which process it is. Immutable.
 */
sealed interface TrainingProcess permits Diffusion, RectifiedFlow {

    /** The process of this model under these settings. */
    static TrainingProcess of(SchedulerConfig scheduler, TrainingConfig config) {
        if (!scheduler.flowMatching()) {
            return new Diffusion(
                    scheduler.noiseSchedule(), scheduler.predictionType(), config.loss().gamma());
        }
        if (config.loss().gamma().isPresent()) {
            throw new IllegalArgumentException(
                    "training.snr_gamma: expected 0 for a model of flow matching, found "
                            + config.loss().minSnrGamma());
        }
        return new RectifiedFlow(scheduler.flowSettings(), config.flow());
    }

    /** T. */
    int steps();

    /** A random train step. */
    int draw(RandomStream stream);

    /** The timestep that the model is told. */
    double timestep(int i);

    double signal(int i);

    double noise(int i);

    double targetOfSignal(int i);

    double targetOfNoise(int i);

    /** Of the squared error. */
    double weight(int i);
}
