package io.mitune.diffusion.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.model.clip.ClipTextModelWithProjection;
import io.mitune.diffusion.model.t5.T5EncoderModel;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.text.ClipTokenizer;
import io.mitune.diffusion.text.T5Tokenizer;
import java.util.Arrays;
import java.util.Optional;

/**
 * Text for Stable Diffusion 3: the penultimate states of two CLIP towers side by side, filled with
 * zeros to T5's width, then the states of T5, [1, L + 256, D]; and the projected vectors of both
 * towers side by side, [1, P1 + P2]. Without T5 its states are zeros, as in diffusers.
 *
 * <p>The encoders are read in the order in which they are asked, so that the large one comes last.
 * Not thread-safe.
 */
final class Sd3Text implements TextConditioner {
    private final Clip first;
    private final Clip second;
    private final Optional<T5> third;
    private final int width;
    private final NDManager manager;

    /** A CLIP tower and its tokenizer. */
    record Clip(ClipTokenizer tokenizer, TextEncoder<ClipTextModelWithProjection> encoder) {}

    /** T5 and its tokenizer. */
    record T5(T5Tokenizer tokenizer, TextEncoder<T5EncoderModel> encoder) {}

    /**
     * @param width D, what the transformer takes
     * @param manager owns what is computed on the way
     */
    Sd3Text(Clip first, Clip second, Optional<T5> third, int width, NDManager manager) {
        this.first = first;
        this.second = second;
        this.third = third;
        this.width = width;
        this.manager = manager;
    }

    @Override
    public TextEmbedding encode(NDManager owner, String text) {
        try (var scratch = manager.newSubManager()) {
            var one = states(scratch, first, text);
            var two = states(scratch, second, text);
            var clips =
                    Dtype.FP32
                            .cast(one.penultimate())
                            .concat(Dtype.FP32.cast(two.penultimate()), 2); // [1, L, D1 + D2]
            var shape = clips.getShape();
            var zeros = scratch.zeros(new Shape(1, shape.get(1), width - shape.get(2)));
            var hidden = clips.concat(zeros, 2).concat(t5(scratch, text), 1);
            NDArray pooled =
                    Dtype.FP32.cast(one.projected()).concat(Dtype.FP32.cast(two.projected()), 1);
            var embedding = new TextEmbedding(hidden, Optional.of(pooled));
            embedding.attach(owner);
            return embedding;
        }
    }

    private static ClipTextModelWithProjection.Output states(
            NDManager scratch, Clip clip, String text) {
        var ids = TextEncoder.ids(scratch, clip.tokenizer(), text);
        return clip.encoder().network().forward(ids);
    }

    /** [1, 256, D]. */
    private NDArray t5(NDManager scratch, String text) {
        int length = T5Tokenizer.DEFAULT_LENGTH;
        if (third.isEmpty()) {
            return scratch.zeros(new Shape(1, length, width));
        }
        var tokens = Arrays.stream(third.get().tokenizer().encode(text, length)).asLongStream();
        var ids = scratch.create(new long[][] {tokens.toArray()});
        return Dtype.FP32.cast(third.get().encoder().network().forward(ids));
    }

    @Override
    public TextEmbedding unconditional(NDManager owner, Optional<String> negative) {
        return encode(owner, negative.orElse(""));
    }

    @Override
    public void release() {
        first.encoder().release();
        second.encoder().release();
        third.ifPresent(t -> t.encoder().release());
    }
}
