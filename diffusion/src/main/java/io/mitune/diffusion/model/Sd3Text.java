package io.mitune.diffusion.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.text.T5Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Text for Stable Diffusion 3: the penultimate states of two CLIP towers side by side, filled with
 * zeros to T5's width, then the states of T5, [1, L + 256, D]; and the projected vectors of both
 * towers side by side, [1, P1 + P2]. Without T5 its states are zeros, as in diffusers. Not
 * thread-safe.
 *
 * @param first gives penultimate states and the projected vector
 * @param second likewise
 * @param third T5
 * @param width D, what the transformer takes
 */
record Sd3Text(TextEncoder first, TextEncoder second, Optional<TextEncoder> third, int width)
        implements TextConditioner {

    @Override
    public List<TextEmbedding> encode(NDManager owner, List<Optional<String>> texts) {
        var words = texts.stream().map(text -> text.orElse("")).toList();
        try (var scratch = owner.newSubManager()) {
            release();
            var one = first.encode(scratch, words);
            release();
            var two = second.encode(scratch, words);
            release();
            var three = third.map(t5 -> t5.encode(scratch, words));
            var all = new ArrayList<TextEmbedding>();
            for (int i = 0; i < words.size(); i++) {
                NDArray t5 =
                        three.isPresent()
                                ? three.get().get(i).encoderHiddenStates()
                                : scratch.zeros(new Shape(1, T5Tokenizer.DEFAULT_LENGTH, width));
                var embedding = join(one.get(i), two.get(i), t5);
                embedding.attach(owner);
                all.add(embedding);
            }
            return all;
        }
    }

    /**
     * @param t5 [1, 256, D]
     */
    private TextEmbedding join(TextEmbedding one, TextEmbedding two, NDArray t5) {
        var clips = one.encoderHiddenStates().concat(two.encoderHiddenStates(), 2);
        var shape = clips.getShape(); // [1, L, D1 + D2]
        var rest = new Shape(1, shape.get(1), width - shape.get(2));
        var zeros = clips.getManager().zeros(rest);
        var hidden = clips.concat(zeros, 2).concat(t5, 1);
        var pooled = one.pooled().orElseThrow().concat(two.pooled().orElseThrow(), 1);
        return new TextEmbedding(hidden, Optional.of(pooled));
    }

    @Override
    public void release() {
        first.release();
        second.release();
        third.ifPresent(TextEncoder::release);
    }
}
