package io.mitune.app.generate;

import ai.djl.ndarray.types.Shape;

/** How many images go through the denoiser together when the user does not say. Stateless. */
public final class MicroBatch {
    private static final long VALUES = 1 << 16;
    private static final int MOST = 32;

    private MicroBatch() {}

    /** As many as keep a call's latents small: 32 of the demo's, 4 of 512 x 512 pixels. */
    public static int fitting(Shape latent) {
        return (int) Math.max(1, Math.min(MOST, VALUES / latent.size()));
    }
}
