package io.mitune.diffusion.model;

import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.model.clip.ClipTextModel;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.text.ClipTokenizer;
import java.util.Optional;

/**
 * Text for Stable Diffusion 1 and 2: the last hidden state of one CLIP tower, [1, L, D]. Not
 * thread-safe.
 */
final class SdText implements TextConditioner {
    private final ClipTokenizer tokenizer;
    private final TextEncoder<ClipTextModel> encoder;
    private final NDManager manager;

    SdText(ClipTokenizer tokenizer, TextEncoder<ClipTextModel> encoder, NDManager manager) {
        this.tokenizer = tokenizer;
        this.encoder = encoder;
        this.manager = manager;
    }

    @Override
    public TextEmbedding encode(NDManager owner, String text) {
        try (var scratch = manager.newSubManager()) {
            var ids = TextEncoder.ids(scratch, tokenizer, text);
            var hidden = Dtype.FP32.cast(encoder.network().forward(ids));
            hidden.attach(owner);
            return TextEmbedding.of(hidden);
        }
    }

    @Override
    public TextEmbedding unconditional(NDManager owner, Optional<String> negative) {
        return encode(owner, negative.orElse(""));
    }

    @Override
    public void release() {
        encoder.release();
    }
}
