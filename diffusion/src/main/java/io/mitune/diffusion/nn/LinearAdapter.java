package io.mitune.diffusion.nn;

import ai.djl.ndarray.NDArray;

/**
 * A trainable replacement of one linear map, such as DoRA; sees the frozen layer that it adapts.
 */
@FunctionalInterface
public interface LinearAdapter {
    /**
     * @param x [..., in]
     * @param frozen the layer as loaded: {@link Linear#base}, {@link Linear#weight}
     * @return [..., out]
     */
    NDArray forward(NDArray x, Linear frozen);
}
