package io.mitune.diffusion.model;

import ai.djl.ndarray.NDManager;
import java.util.Optional;

/**
 * From a text to what the denoiser takes: tokenizers and text encoders of one family.
 *
 * <p>The encoders' weights are read when first needed. Not thread-safe.
 */
public interface TextConditioner {
    /**
     * One text.
     *
     * @param owner gets the result
     */
    TextEmbedding encode(NDManager owner, String text);

    /**
     * What guidance moves away from.
     *
     * @param negative absent: nothing was said, which some families take for zeros and not for ""
     */
    TextEmbedding unconditional(NDManager owner, Optional<String> negative);

    /** Frees the encoders' weights; the next text reads them again. */
    void release();
}
