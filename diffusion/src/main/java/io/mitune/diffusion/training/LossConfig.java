package io.mitune.diffusion.training;

import java.util.OptionalDouble;

/**
 * What the denoising loss adds to the plain squared error. Immutable.
 *
 * @param minSnrGamma bound of the signal-to-noise weighting ({@link MinSnr}); 0 switches it off
 * @param noiseOffset strength of the noise that is constant over a channel; 0 switches it off
 * @param captionDropout share of samples trained on the embedding of the empty prompt
 */
public record LossConfig(double minSnrGamma, double noiseOffset, double captionDropout) {

    public LossConfig {
        Ranges.between("snr_gamma", minSnrGamma, 0, 1000);
        Ranges.between("noise_offset", noiseOffset, 0, 1);
        Ranges.between("caption_dropout", captionDropout, 0, 1);
    }

    /** Squared error and nothing else. */
    public static LossConfig plain() {
        return new LossConfig(0, 0, 0);
    }

    /** Gamma, if the weighting is on. */
    public OptionalDouble gamma() {
        return minSnrGamma > 0 ? OptionalDouble.of(minSnrGamma) : OptionalDouble.empty();
    }
}
