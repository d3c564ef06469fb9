package io.mitune.diffusion.scheduler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.OptionalDouble;

/** Shared form of the samplers without memory (DDPM, DDIM, Euler): a table of linear steps. */
final class OneStepScheduler implements Scheduler {
    /** Below this the noise vanishes in single precision: the last step's floor of 1e-10. */
    private static final double NEGLIGIBLE = 1e-9;

    private final double[] timesteps;
    private final double initNoiseSigma;
    private final double[] inputScales;
    private final StepCoefficients[] steps;
    private final OptionalDouble clip;

    OneStepScheduler(
            double[] timesteps,
            double initNoiseSigma,
            double[] inputScales,
            StepCoefficients[] steps,
            OptionalDouble clip) {
        this.timesteps = timesteps;
        this.initNoiseSigma = initNoiseSigma;
        this.inputScales = inputScales;
        this.steps = steps;
        this.clip = clip;
    }

    @Override
    public double[] timesteps() {
        return timesteps.clone();
    }

    @Override
    public double initNoiseSigma() {
        return initNoiseSigma;
    }

    @Override
    public double inputScale(int i) {
        return inputScales[i];
    }

    @Override
    public boolean needsNoise(int i) {
        return steps[i].noise() > NEGLIGIBLE;
    }

    @Override
    public Trajectory begin(NDManager owner) {
        return this::step;
    }

    private void step(int i, NDArray sample, NDArray prediction, NoiseSource noise) {
        var c = steps[i];
        if (clip.isPresent()) {
            clippedStep(c, sample, prediction);
        } else {
            sample.muli(c.foldedSample()).addi(prediction.muli(c.foldedPrediction()));
        }
        if (needsNoise(i)) {
            try (var scaled = noise.noise(i).mul(c.noise())) {
                sample.addi(scaled);
            }
        }
    }

    private void clippedStep(StepCoefficients c, NDArray sample, NDArray prediction) {
        double bound = clip.getAsDouble();
        try (var x0 = sample.mul(c.originalOfSample());
                var part = prediction.mul(c.originalOfPrediction());
                var clipped = x0.addi(part).clip(-bound, bound)) {
            sample.muli(c.sample()).addi(prediction.muli(c.prediction()));
            sample.addi(clipped.muli(c.original()));
        }
    }
}
