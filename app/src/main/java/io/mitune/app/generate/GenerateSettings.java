package io.mitune.app.generate;

import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.sampling.SamplingRequest;
import io.mitune.diffusion.sampling.SamplingSettings;
import io.mitune.diffusion.sampling.SamplingSettings.Score;
import io.mitune.diffusion.scheduler.SchedulerKind;
import io.mitune.producers.Prompt;
import java.util.List;
import java.util.Optional;

/**
 * Everything that fixes the pictures of one {@code generate} run.
 *
 * @param prompts in order; the image index runs over all of them
 * @param perPrompt images per prompt
 * @param negativePrompt text of the unconditional branch; none is the family's own
 * @param sampling sampler settings
 * @param seed of the run; see {@link ImageSeeds}
 * @param latent C, H, W
 * @param starts start noise of all images, from a file
 * @param score whether to compute the MI
 * @param microBatch images per denoiser call
 * @param dtype for the metadata
 * @param modelDigest for the metadata
 * @param family of the model, for the metadata
 * @param adapter in use, for the metadata
 * @param outputType form of the pictures, for the metadata
 */
record GenerateSettings(
        List<Prompt> prompts,
        int perPrompt,
        Optional<String> negativePrompt,
        io.mitune.schemas.SamplingSettings sampling,
        long seed,
        Shape latent,
        Optional<StartLatents> starts,
        boolean score,
        int microBatch,
        String dtype,
        String modelDigest,
        String family,
        Optional<UsedAdapter> adapter,
        String outputType) {

    int images() {
        return prompts.size() * perPrompt;
    }

    String prompt(int image) {
        return prompts.get(image / perPrompt).text();
    }

    String category(int image) {
        return prompts.get(image / perPrompt).category();
    }

    long imageSeed(int image) {
        return ImageSeeds.of(seed, image);
    }

    /** Name of the score's weights. */
    String estimator() {
        return Score.OFFICIAL.estimator().key();
    }

    SamplingRequest request(List<Integer> images) {
        var entries =
                images.stream()
                        .map(
                                image ->
                                        new SamplingRequest.Entry(
                                                prompt(image),
                                                negativePrompt,
                                                imageSeed(image),
                                                starts.map(s -> s.of(image))))
                        .toList();
        return new SamplingRequest(entries, sampler(), sampling.getHeight(), sampling.getWidth());
    }

    private SamplingSettings sampler() {
        return new SamplingSettings(
                SchedulerKind.of(sampling.getScheduler()),
                sampling.getNumInferenceSteps(),
                sampling.getGuidanceScale(),
                score ? Score.OFFICIAL : Score.NONE,
                microBatch);
    }
}
