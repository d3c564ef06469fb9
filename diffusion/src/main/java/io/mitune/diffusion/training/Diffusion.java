package io.mitune.diffusion.training;

import io.mitune.diffusion.random.RandomStream;
import io.mitune.diffusion.scheduler.NoiseSchedule;
import io.mitune.diffusion.scheduler.PredictionType;
import java.util.OptionalDouble;

/**
 * Diffusion (DDPM, arXiv 2006.11239, eq. 14): x = sqrt(abar) x_0 + sqrt(1 - abar) eps, the target
 * is eps or v = sqrt(abar) eps - sqrt(1 - abar) x_0, i is the timestep and is drawn uniformly.
 */
final class Diffusion implements TrainingProcess {
    private final NoiseSchedule schedule;
    private final boolean predictsVelocity;
    private final float[] weights;

    Diffusion(NoiseSchedule schedule, PredictionType prediction, OptionalDouble gamma) {
        this.schedule = schedule;
        predictsVelocity = prediction == PredictionType.V_PREDICTION;
        weights = MinSnr.weights(schedule.alphasCumprod(), gamma, predictsVelocity);
    }

    @Override
    public int steps() {
        return schedule.steps();
    }

    @Override
    public int draw(RandomStream stream) {
        return stream.nextInt(steps());
    }

    @Override
    public double timestep(int i) {
        return i;
    }

    @Override
    public double signal(int i) {
        return Math.sqrt(schedule.alphaCumprod(i));
    }

    @Override
    public double noise(int i) {
        return Math.sqrt(1 - schedule.alphaCumprod(i));
    }

    @Override
    public double targetOfSignal(int i) {
        return predictsVelocity ? -noise(i) : 0;
    }

    @Override
    public double targetOfNoise(int i) {
        return predictsVelocity ? signal(i) : 1;
    }

    @Override
    public double weight(int i) {
        return weights[i];
    }
}
