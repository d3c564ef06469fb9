package io.mitune.diffusion.training;

import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.model.TextEmbedding;
import java.util.Arrays;

/**
 * A caption as the network takes it, in host memory. The arrays are not copied: treat them as
 * read-only.
 *
 * @param encoderHiddenStates [L, D] row-major
 * @param shape {L, D}
 * @param pooled [P]; empty for families that take none
 */
public record EncodedCaption(float[] encoderHiddenStates, long[] shape, float[] pooled) {

    public EncodedCaption {
        Finite.require("encoder hidden states", encoderHiddenStates, shape, 2);
        Finite.require("pooled text", pooled, new long[] {pooled.length}, 1);
    }

    /** A caption of a family without a pooled vector. */
    public EncodedCaption(float[] encoderHiddenStates, long[] shape) {
        this(encoderHiddenStates, shape, new float[0]);
    }

    /** Encodes a text with the encoders of a model. */
    public static EncodedCaption of(StableDiffusion model, String text) {
        try (var scratch = model.manager().newSubManager()) {
            return of(model.text().encode(scratch, text));
        }
    }

    /** Of an embedding of one text. */
    private static EncodedCaption of(TextEmbedding text) {
        long[] shape = text.encoderHiddenStates().getShape().getShape();
        return new EncodedCaption(
                text.encoderHiddenStates().toFloatArray(),
                new long[] {shape[1], shape[2]},
                text.pooled().map(p -> p.toFloatArray()).orElse(new float[0]));
    }

    boolean sameForm(EncodedCaption other) {
        return Arrays.equals(shape, other.shape) && pooled.length == other.pooled.length;
    }
}
