package io.mitune.diffusion.nn;

import ai.djl.ndarray.NDArray;
import java.util.Optional;

/**
 * A linear map {@code y = W x + b}, or what an adapter makes of it; torch.nn.Linear.
 *
 * <p>Not thread-safe while its weight is exchanged.
 */
public final class Linear {
    private static final Script WITH_BIAS =
            Script.of("x: Tensor, w: Tensor, b: Tensor", "Tensor", "return torch.linear(x, w, b)");
    private static final Script WITHOUT_BIAS =
            Script.of("x: Tensor, w: Tensor", "Tensor", "return torch.linear(x, w, None)");

    private final String path;
    private final NDArray loaded;
    private final NDArray bias; // null without a bias
    private final LinearAdapter adapter; // null without an adapter
    private NDArray weight;
    private int exchanges;

    /**
     * @param in features of the input
     * @param out features of the output
     * @param bias whether the layer has one
     */
    public Linear(Weights w, long in, long out, boolean bias) {
        this.path = w.path();
        this.loaded = w.get("weight", out, in);
        this.bias = bias ? w.get("bias", out) : null;
        this.weight = loaded;
        this.adapter = w.adapters().find(path, this).orElse(null);
    }

    /**
     * @param x [..., in]
     * @return [..., out]
     */
    public NDArray forward(NDArray x) {
        return adapter == null ? base(x) : adapter.forward(x, this);
    }

    /** The map without its adapter. */
    public NDArray base(NDArray x) {
        return bias == null ? WITHOUT_BIAS.call(x, weight) : WITH_BIAS.call(x, weight, bias);
    }

    /** Path in the model file. */
    public String path() {
        return path;
    }

    /** [out, in], in the network's dtype; the exchanged one if there is one. */
    public NDArray weight() {
        return weight;
    }

    /** [out]. */
    public Optional<NDArray> bias() {
        return Optional.ofNullable(bias);
    }

    public boolean hasAdapter() {
        return adapter != null;
    }

    /**
     * Puts another weight in place of the loaded one, such as the sum with a merged adapter.
     *
     * @param merged [out, in], in the network's dtype; stays the caller's, open until exchanged
     *     again
     */
    public void exchangeWeight(NDArray merged) {
        if (!merged.getShape().equals(loaded.getShape())) {
            throw new IllegalArgumentException(
                    "%s: expected a weight of shape %s, found %s"
                            .formatted(path, loaded.getShape(), merged.getShape()));
        }
        weight = merged;
        exchanges++;
    }

    /** Back to the weight of the model file. */
    public void restoreWeight() {
        weight = loaded;
        exchanges++;
    }

    /** How often the weight was exchanged, for those who keep something made from it. */
    public int exchanges() {
        return exchanges;
    }

    /** The weight of the model file, whatever is in place now. */
    public NDArray loadedWeight() {
        return loaded;
    }
}
