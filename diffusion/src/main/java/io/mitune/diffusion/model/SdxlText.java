package io.mitune.diffusion.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.model.clip.ClipTextModel;
import io.mitune.diffusion.model.clip.ClipTextModelWithProjection;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.text.ClipTokenizer;
import java.util.Optional;

/**
 * Text for Stable Diffusion XL: the penultimate states of two CLIP towers side by side, [1, L, D1 +
 * D2], and the projected vector of the second, [1, P]. Not thread-safe.
 */
final class SdxlText implements TextConditioner {
    private final ClipTokenizer tokenizer;
    private final ClipTokenizer tokenizer2;
    private final TextEncoder<ClipTextModel> encoder;
    private final TextEncoder<ClipTextModelWithProjection> encoder2;
    private final NDManager manager;
    private final boolean zeros;

    /** One of the two ways from text to states. */
    record Way<T>(ClipTokenizer tokenizer, TextEncoder<T> encoder) {}

    /**
     * @param zeros whether a prompt is held against zeros, and not against "", where nothing else
     *     is given; the pipeline's force_zeros_for_empty_prompt
     */
    SdxlText(
            Way<ClipTextModel> first,
            Way<ClipTextModelWithProjection> second,
            NDManager manager,
            boolean zeros) {
        tokenizer = first.tokenizer();
        tokenizer2 = second.tokenizer();
        encoder = first.encoder();
        encoder2 = second.encoder();
        this.manager = manager;
        this.zeros = zeros;
    }

    @Override
    public TextEmbedding encode(NDManager owner, String text) {
        try (var scratch = manager.newSubManager()) {
            var states = encoder.network().states(TextEncoder.ids(scratch, tokenizer, text));
            var output = encoder2.network().forward(TextEncoder.ids(scratch, tokenizer2, text));
            var hidden =
                    Dtype.FP32
                            .cast(states.penultimate())
                            .concat(Dtype.FP32.cast(output.penultimate()), 2);
            NDArray pooled = Dtype.FP32.cast(output.projected());
            var embedding = new TextEmbedding(hidden, Optional.of(pooled));
            embedding.attach(owner);
            return embedding;
        }
    }

    @Override
    public TextEmbedding unconditional(NDManager owner, Optional<String> negative) {
        var text = encode(owner, negative.orElse(""));
        if (negative.isPresent() || !zeros) {
            return text;
        }
        try (text) {
            return new TextEmbedding(
                    text.encoderHiddenStates().zerosLike(), text.pooled().map(NDArray::zerosLike));
        }
    }

    @Override
    public void release() {
        encoder.release();
        encoder2.release();
    }
}
