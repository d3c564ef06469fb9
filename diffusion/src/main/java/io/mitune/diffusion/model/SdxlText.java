package io.mitune.diffusion.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Text for Stable Diffusion XL: the penultimate states of two CLIP towers side by side, [1, L, D1 +
 * D2], and the projected vector of the second, [1, P]. Not thread-safe.
 *
 * @param first gives penultimate states
 * @param second gives penultimate states and the projected vector
 * @param zeros whether a prompt is held against zeros, and not against "", when nothing was said;
 *     the pipeline's force_zeros_for_empty_prompt
 */
record SdxlText(TextEncoder first, TextEncoder second, boolean zeros) implements TextConditioner {

    @Override
    public List<TextEmbedding> encode(NDManager owner, List<Optional<String>> texts) {
        var words = texts.stream().map(text -> text.orElse("")).toList();
        try (var scratch = owner.newSubManager()) {
            release();
            var one = first.encode(scratch, words);
            release();
            var two = second.encode(scratch, words);
            var all = new ArrayList<TextEmbedding>();
            for (int i = 0; i < words.size(); i++) {
                var states = one.get(i).encoderHiddenStates();
                var hidden = states.concat(two.get(i).encoderHiddenStates(), 2);
                var embedding = new TextEmbedding(hidden, two.get(i).pooled());
                if (zeros && texts.get(i).isEmpty()) {
                    embedding = zerosLike(embedding);
                }
                embedding.attach(owner);
                all.add(embedding);
            }
            return all;
        }
    }

    private static TextEmbedding zerosLike(TextEmbedding text) {
        return new TextEmbedding(
                text.encoderHiddenStates().zerosLike(), text.pooled().map(NDArray::zerosLike));
    }

    @Override
    public void release() {
        first.release();
        second.release();
    }
}
