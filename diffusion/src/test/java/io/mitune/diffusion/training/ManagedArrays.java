package io.mitune.diffusion.training;

import ai.djl.ndarray.NDManager;

/** Counts live arrays of a manager and the managers below it. */
final class ManagedArrays {
    private ManagedArrays() {}

    static int count(NDManager manager) {
        return manager.getManagedArrays().size();
    }
}
