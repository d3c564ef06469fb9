package io.mitune.diffusion.nn;

import ai.djl.ndarray.NDArray;

/** A table of vectors looked up by index; torch.nn.Embedding. */
public final class Embedding {
    private static final Script LOOK_UP =
            Script.of(
                    "ids: Tensor, w: Tensor",
                    "Tensor",
                    "return torch.embedding(w, ids, -1, False, False)");

    private final NDArray weight;

    public Embedding(Weights w, long entries, long features) {
        weight = w.get("weight", entries, features);
    }

    /**
     * @param ids int64, any shape, each in [0, entries)
     * @return [..., features]
     */
    public NDArray forward(NDArray ids) {
        return LOOK_UP.call(ids, weight);
    }

    public NDArray weight() {
        return weight;
    }
}
