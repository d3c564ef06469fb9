package io.mitune.diffusion.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/**
 * While one is open, operations of the thread that opened it keep what a backward pass needs.
 *
 * <p>DJL's own collector has one flag for the whole process. libtorch's switch belongs to a thread
 * and its backward passes may run in many threads at once, as long as they share no leaf; so here
 * one model on each of several devices can be trained at the same time.
 *
 * <p>Each belongs to the thread that opened it; threads may have one each.
 */
public final class Gradients implements AutoCloseable {
    private final boolean before;

    /** From here on gradients are collected. */
    public Gradients() {
        Torch.setUp();
        before = JniUtils.isGradMode();
        JniUtils.setGradMode(true);
    }

    /**
     * Adds the derivatives of a value to the gradients of the leaves that it was made from, and
     * frees what was kept for it.
     *
     * @param value a scalar
     */
    public void backward(NDArray value) {
        try (var one = value.onesLike()) {
            JniUtils.backward((PtNDArray) value, (PtNDArray) one, false, false);
        }
    }

    @Override
    public void close() {
        JniUtils.setGradMode(before);
    }
}
