package io.mitune.diffusion.sampling;

import ai.djl.ndarray.NDArray;
import java.util.Optional;

/**
 * One sample to draw.
 *
 * @param seed keys all its noise
 * @param conditional text embedding of the prompt, [1, L, D]; stays the caller's
 * @param unconditional text embedding of the negative prompt, likewise
 * @param start start noise in place of the seed's, C x H x W values, before scaling by the
 *     scheduler
 */
public record SampleSpec(
        long seed, NDArray conditional, NDArray unconditional, Optional<float[]> start) {

    /** Whether both share their embeddings: the same arrays, not only the same values. */
    boolean sameTexts(SampleSpec other) {
        return conditional == other.conditional && unconditional == other.unconditional;
    }
}
