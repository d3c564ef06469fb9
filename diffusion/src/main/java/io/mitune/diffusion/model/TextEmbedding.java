package io.mitune.diffusion.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Optional;

/**
 * Texts as a denoiser takes them. Owns its arrays; as thread-safe as they are.
 *
 * @param encoderHiddenStates a vector per token, [K, L, D] fp32
 * @param pooled a vector per text, [K, P] fp32; only for families that take one
 */
public record TextEmbedding(NDArray encoderHiddenStates, Optional<NDArray> pooled)
        implements AutoCloseable {

    /** Texts of a family without a pooled vector. */
    public static TextEmbedding of(NDArray encoderHiddenStates) {
        return new TextEmbedding(encoderHiddenStates, Optional.empty());
    }

    /** All texts of these embeddings, in order; a copy that belongs to {@code owner}. */
    public static TextEmbedding concat(NDManager owner, List<TextEmbedding> parts) {
        var hidden = new NDList();
        var vectors = new NDList();
        for (var part : parts) {
            hidden.add(part.encoderHiddenStates);
            part.pooled.ifPresent(vectors::add);
        }
        var all =
                new TextEmbedding(
                        NDArrays.concat(hidden),
                        vectors.isEmpty()
                                ? Optional.empty()
                                : Optional.of(NDArrays.concat(vectors)));
        all.attach(owner);
        return all;
    }

    /** Number of texts. */
    public long texts() {
        return encoderHiddenStates.getShape().get(0);
    }

    /** What the arrays hold. */
    public long bytes() {
        return Float.BYTES * (encoderHiddenStates.size() + pooled.map(NDArray::size).orElse(0L));
    }

    /** Text {@code i} alone; a copy that belongs to the same owner. */
    public TextEmbedding get(int i) {
        return new TextEmbedding(row(encoderHiddenStates, i), pooled.map(p -> row(p, i)));
    }

    private static NDArray row(NDArray all, int i) {
        try (var row = all.get(i)) {
            return row.expandDims(0);
        }
    }

    /** A copy on the owner's device that belongs to the owner. */
    public TextEmbedding on(NDManager owner) {
        var device = owner.getDevice();
        var copy =
                new TextEmbedding(
                        encoderHiddenStates.toDevice(device, true),
                        pooled.map(p -> p.toDevice(device, true)));
        copy.attach(owner);
        return copy;
    }

    /** Hands the arrays to another owner. */
    public void attach(NDManager owner) {
        encoderHiddenStates.attach(owner);
        pooled.ifPresent(p -> p.attach(owner));
    }

    @Override
    public void close() {
        encoderHiddenStates.close();
        pooled.ifPresent(NDArray::close);
    }
}
