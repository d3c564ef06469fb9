package io.mitune.diffusion.training;

import io.mitune.diffusion.random.RandomStream;
import io.mitune.diffusion.scheduler.FlowSettings;

/**
 * Flow matching along straight lines (SD 3, arXiv 2403.03206, eqs. 13 and 14): x = (1 - sigma) x_0
 * + sigma eps, the target is the velocity eps - x_0, and the sigma of a step is the scheduler's,
 * from 1 at step 0 down.
 *
 * <p>With preconditioned outputs the estimate of x_0 is compared in place of v: x - sigma v differs
 * from x_0 by sigma times what v differs from its target by, so this is a weight of sigma^2.
 */
final class RectifiedFlow implements TrainingProcess {
    private final int trainSteps;
    private final float[] sigmas;
    private final FlowConfig config;

    RectifiedFlow(FlowSettings settings, FlowConfig config) {
        trainSteps = settings.trainSteps();
        sigmas = settings.trainSigmas();
        this.config = config;
    }

    @Override
    public int steps() {
        return trainSteps;
    }

    @Override
    public int draw(RandomStream stream) {
        double place =
                config.place(config.drawsNormal() ? stream.nextGaussian() : stream.nextDouble());
        return Math.min((int) (place * trainSteps), trainSteps - 1);
    }

    @Override
    public double timestep(int i) {
        return sigmas[i] * trainSteps; // in single precision, as the reference
    }

    @Override
    public double signal(int i) {
        return 1 - sigmas[i];
    }

    @Override
    public double noise(int i) {
        return sigmas[i];
    }

    @Override
    public double targetOfSignal(int i) {
        return -1;
    }

    @Override
    public double targetOfNoise(int i) {
        return 1;
    }

    @Override
    public double weight(int i) {
        double sigma = sigmas[i];
        return config.weight(sigma) * (config.preconditionOutputs() ? sigma * sigma : 1);
    }
}
