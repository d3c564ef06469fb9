package io.mitune.app.generate;

import io.mitune.schemas.Identity;

/** Seeds of pictures that are drawn without Kafka. Stateless. */
public final class ImageSeeds {
    private ImageSeeds() {}

    /** An image's own seed depends on the run's seed and on its index over all prompts only. */
    public static long of(long seed, int image) {
        return Identity.candidateSeed(seed, "image", image);
    }
}
