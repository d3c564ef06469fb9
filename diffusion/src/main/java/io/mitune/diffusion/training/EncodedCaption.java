package io.mitune.diffusion.training;

import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.model.TextEmbedding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A caption as the network takes it, in host memory. The arrays are not copied: treat them as
 * read-only.
 *
 * @param encoderHiddenStates [L, D] row-major
 * @param shape {L, D}
 * @param pooled [P]; empty for families that take none
 */
public record EncodedCaption(float[] encoderHiddenStates, long[] shape, float[] pooled) {
    /** Texts on the device at once: 0.7 GiB for Stable Diffusion 3. */
    private static final int TOGETHER = 64;

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
        return of(model, List.of(text)).get(0);
    }

    /** Encodes texts, each alone; where there are several encoders, much faster than one by one. */
    public static List<EncodedCaption> of(StableDiffusion model, List<String> texts) {
        var all = new ArrayList<EncodedCaption>();
        for (int from = 0; from < texts.size(); from += TOGETHER) {
            var some = texts.subList(from, Math.min(texts.size(), from + TOGETHER));
            try (var scratch = model.manager().newSubManager()) {
                model.text().encode(scratch, some.stream().map(Optional::of).toList()).stream()
                        .map(EncodedCaption::of)
                        .forEach(all::add);
            }
        }
        return all;
    }

    /** Of an embedding of one text. */
    private static EncodedCaption of(TextEmbedding text) {
        long[] shape = text.encoderHiddenStates().getShape().getShape();
        return new EncodedCaption(
                text.encoderHiddenStates().toFloatArray(),
                new long[] {shape[1], shape[2]},
                text.pooled().map(p -> p.toFloatArray()).orElse(new float[0]));
    }

    /** What the arrays hold. */
    public long bytes() {
        return (long) Float.BYTES * (encoderHiddenStates.length + pooled.length);
    }

    boolean sameForm(EncodedCaption other) {
        return Arrays.equals(shape, other.shape) && pooled.length == other.pooled.length;
    }
}
