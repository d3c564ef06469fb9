package io.mitune.diffusion.model;

import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Optional;

/**
 * From texts to what the denoiser takes: tokenizers and text encoders of one family.
 *
 * <p>Where a family has several encoders, one at a time is in memory: each reads its weights when
 * its turn comes, does all texts and makes room for the next. So whoever has several texts asks for
 * them at once. Not thread-safe.
 */
public interface TextConditioner {
    /**
     * The embeddings of texts, in order, one object each. Each text is encoded alone: an embedding
     * must not depend, in its last bits, on what else was asked for.
     *
     * @param owner gets the results
     * @param texts an absent one is what prompts are held against when nothing was said, which some
     *     families take for zeros and not for ""
     */
    List<TextEmbedding> encode(NDManager owner, List<Optional<String>> texts);

    /** One text. */
    default TextEmbedding encode(NDManager owner, String text) {
        return encode(owner, List.of(Optional.of(text))).get(0);
    }

    /** Frees the weights of the encoder that was asked last; the next text reads them again. */
    void release();
}
