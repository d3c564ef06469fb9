package io.mitune.app.generate;

import ai.djl.ndarray.types.Shape;
import io.mitune.producers.Prompt;
import io.mitune.schemas.Identity;
import io.mitune.schemas.SamplingSettings;
import java.util.List;
import java.util.Optional;

/**
 * Everything that fixes the pictures of one {@code generate} run.
 *
 * @param prompts in order; the image index runs over all of them
 * @param perPrompt images per prompt
 * @param negativePrompt text of the unconditional branch
 * @param sampling sampler settings
 * @param seed of the run; see {@link #imageSeed}
 * @param latent C, H, W
 * @param starts start noise of all images, from a file
 * @param score whether to compute the MI
 * @param microBatch images per denoiser call
 * @param dtype for the metadata
 * @param modelDigest for the metadata
 * @param adapter path of the adapter, for the metadata
 */
record GenerateSettings(
        List<Prompt> prompts,
        int perPrompt,
        String negativePrompt,
        SamplingSettings sampling,
        long seed,
        Shape latent,
        Optional<StartLatents> starts,
        boolean score,
        int microBatch,
        String dtype,
        String modelDigest,
        Optional<String> adapter) {

    int images() {
        return prompts.size() * perPrompt;
    }

    String prompt(int image) {
        return prompts.get(image / perPrompt).text();
    }

    String category(int image) {
        return prompts.get(image / perPrompt).category();
    }

    /** An image's own seed depends on the run's seed and its index only. */
    long imageSeed(int image) {
        return Identity.candidateSeed(seed, "image", image);
    }

    Studio.Wish wish(int image) {
        return new Studio.Wish(
                prompt(image), negativePrompt, imageSeed(image), starts.map(s -> s.of(image)));
    }
}
