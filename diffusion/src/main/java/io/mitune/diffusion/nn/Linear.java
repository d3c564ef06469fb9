package io.mitune.diffusion.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

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
    private final Shape shape;
    private final Supplier<NDArray> source;
    private final NDArray bias; // null without a bias
    private final LinearAdapter adapter; // null without an adapter
    private final boolean packed;
    private NDArray loaded; // null when let go
    private NDArray weight; // null when let go, or to be made by change
    private UnaryOperator<NDArray> change; // null without one
    private int exchanges;

    /**
     * @param in features of the input
     * @param out features of the output
     * @param bias whether the layer has one
     */
    public Linear(Weights w, long in, long out, boolean bias) {
        this(w, new Shape(out, in), bias, false);
    }

    private Linear(Weights w, Shape shape, boolean bias, boolean packed) {
        this.path = w.path();
        this.shape = shape;
        this.source = w.source("weight", shape.getShape());
        this.bias = bias ? w.get("bias", shape.get(0)) : null;
        this.packed = packed;
        this.loaded = packed ? null : w.get("weight", shape.getShape());
        this.weight = loaded;
        this.adapter = w.adapters().find(path, this).orElse(null);
    }

    /**
     * A layer whose owner makes something else of the weight, which is read when it is asked for
     * and held until {@link #letGo}.
     */
    public static Linear packed(Weights w, long in, long out, boolean bias) {
        return new Linear(w, new Shape(out, in), bias, true);
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
        return bias == null ? WITHOUT_BIAS.call(x, weight()) : WITH_BIAS.call(x, weight(), bias);
    }

    /** Path in the model file. */
    public String path() {
        return path;
    }

    /** [out, in]. */
    public Shape shape() {
        return shape;
    }

    /** [out, in], in the network's dtype; the exchanged one if there is one. */
    public NDArray weight() {
        if (weight == null) {
            weight =
                    change == null
                            ? loadedWeight()
                            : Torch.lasting(() -> change.apply(loadedWeight()));
        }
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
     * Puts another weight in place of the loaded one.
     *
     * @param merged [out, in], in the network's dtype; stays the caller's, open until exchanged
     *     again
     */
    public void exchangeWeight(NDArray merged) {
        if (!merged.getShape().equals(shape)) {
            throw new IllegalArgumentException(
                    "%s: expected a weight of shape %s, found %s"
                            .formatted(path, shape, merged.getShape()));
        }
        restoreWeight();
        weight = merged;
    }

    /**
     * Puts what is made of the loaded weight in its place, such as the sum with a merged adapter.
     *
     * @param change makes a new array in the network's dtype, owned as its argument is: at once,
     *     and for a packed layer whenever the weight is asked for
     */
    public void changeWeight(UnaryOperator<NDArray> change) {
        restoreWeight();
        this.change = change;
        weight = null;
        if (!packed) {
            weight();
        }
    }

    /** Back to the weight of the model file. */
    public void restoreWeight() {
        closeChanged();
        change = null;
        weight = loaded;
        exchanges++;
    }

    /** Frees the weight of a packed layer; who needs it next makes it again. */
    public void letGo() {
        if (!packed) {
            return;
        }
        closeChanged();
        if (change != null || weight == loaded) {
            weight = null;
        }
        if (loaded != null) {
            loaded.close();
            loaded = null;
        }
    }

    private void closeChanged() {
        if (change != null && weight != null) {
            weight.close();
        }
    }

    /** How often the weight was exchanged, for those who keep something made from it. */
    public int exchanges() {
        return exchanges;
    }

    /** The weight of the model file, whatever is in place now. */
    public NDArray loadedWeight() {
        if (loaded == null) {
            loaded = source.get();
        }
        return loaded;
    }
}
