package io.mitune.diffusion.model;

import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Optional;

/**
 * Text for Stable Diffusion 1 and 2: the last hidden state of one CLIP tower, [1, L, D]. Not
 * thread-safe.
 *
 * @param encoder gives the last states
 */
record SdText(TextEncoder encoder) implements TextConditioner {

    @Override
    public List<TextEmbedding> encode(NDManager owner, List<Optional<String>> texts) {
        return encoder.encode(owner, texts.stream().map(text -> text.orElse("")).toList());
    }

    @Override
    public void release() {
        encoder.release();
    }
}
