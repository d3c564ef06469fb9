package io.mitune.diffusion.sampling;

import io.mitune.diffusion.model.TextEmbedding;
import java.util.Optional;

/**
 * One sample to draw.
 *
 * @param seed keys all its noise
 * @param conditional one text, the prompt; stays the caller's
 * @param unconditional one text, what guidance moves away from, likewise
 * @param start start noise in place of the seed's, C x H x W values, before scaling by the
 *     scheduler
 */
public record SampleSpec(
        long seed,
        TextEmbedding conditional,
        TextEmbedding unconditional,
        Optional<float[]> start) {

    /** Whether both share their embeddings: the same object, not only the same values. */
    boolean sameTexts(SampleSpec other) {
        return conditional == other.conditional && unconditional == other.unconditional;
    }
}
