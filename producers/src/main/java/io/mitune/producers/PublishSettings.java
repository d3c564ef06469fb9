package io.mitune.producers;

import io.mitune.schemas.SamplingSettings;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What all prompts of one publication share; {@link io.mitune.schemas.RequestLimits} bounds the
 * values. Immutable.
 *
 * @param run line of adapters that the prompts feed
 * @param batch name of the batch; empty for a hash of the run and its prompts
 * @param round from 1; empty for the next one of the run
 * @param seed candidate seeds derive from it
 * @param candidates candidates to draw per prompt (N)
 * @param keep candidates to keep per prompt (k)
 * @param negativePrompt text of the unconditional branch, or empty
 * @param sampling sampler settings
 * @param model digest of the model to use, or empty for whichever the workers hold
 * @param priority of prompts that wait, the higher is planned first
 */
public record PublishSettings(
        String run,
        Optional<String> batch,
        OptionalInt round,
        long seed,
        int candidates,
        int keep,
        String negativePrompt,
        SamplingSettings sampling,
        String model,
        int priority) {

    /** With the usual priority, 0. */
    public PublishSettings(
            String run,
            Optional<String> batch,
            OptionalInt round,
            long seed,
            int candidates,
            int keep,
            String negativePrompt,
            SamplingSettings sampling,
            String model) {
        this(run, batch, round, seed, candidates, keep, negativePrompt, sampling, model, 0);
    }
}
