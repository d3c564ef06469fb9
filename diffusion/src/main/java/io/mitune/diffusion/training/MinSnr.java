package io.mitune.diffusion.training;

import java.util.OptionalDouble;

/**
 * Loss weight of a timestep: without it the loss of nearly clean latents drowns all others.
 *
 * <p>Hang et al. 2023 (arXiv 2303.09556), with snr = abar / (1 - abar): min(snr, gamma) / snr for
 * epsilon prediction, min(snr, gamma) / (snr + 1) for v prediction. At snr = 0 the first is its
 * limit, 1.
 */
final class MinSnr {
    private MinSnr() {}

    /**
     * Weights of all timesteps.
     *
     * @param alphasCumprod abar by timestep
     * @param gamma the bound; empty gives weight 1 everywhere
     * @param vPrediction true if the model predicts v
     */
    static float[] weights(double[] alphasCumprod, OptionalDouble gamma, boolean vPrediction) {
        var weights = new float[alphasCumprod.length];
        for (int t = 0; t < weights.length; t++) {
            weights[t] =
                    gamma.isEmpty()
                            ? 1
                            : weight(alphasCumprod[t], gamma.getAsDouble(), vPrediction);
        }
        return weights;
    }

    private static float weight(double abar, double gamma, boolean vPrediction) {
        if (vPrediction) { // snr + 1 = 1 / (1 - abar); finite also at abar = 1
            return (float) Math.min(abar, gamma * (1 - abar));
        }
        return abar <= gamma * (1 - abar) ? 1 : (float) (gamma * (1 - abar) / abar);
    }
}
