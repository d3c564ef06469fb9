package io.mitune.benchmarks;

import ai.djl.Device;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.nn.Adapters;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.sampling.SamplingRequest;
import io.mitune.diffusion.sampling.SamplingSettings;
import io.mitune.diffusion.scheduler.SchedulerKind;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * What a job does, in the words of peer.py's options. Immutable.
 *
 * @param model a diffusers directory
 * @param dtype of all networks, the autoencoder too, as the peer has it
 * @param prompt text of every sample
 * @param count candidates or images
 * @param batch samples per model call
 * @param steps sampling or optimizer steps
 * @param guidance classifier-free guidance scale
 * @param rank of the adapter
 * @param checkpointing whether training runs blocks again instead of keeping their activations
 * @param prompts prompts of the stream, {@code count} candidates each
 * @param repeat measurements of the stream
 */
record Settings(
        Path model,
        Dtype dtype,
        String prompt,
        int count,
        int batch,
        int steps,
        double guidance,
        int rank,
        boolean checkpointing,
        int prompts,
        int repeat) {

    LoadOptions loading() {
        return new LoadOptions(Device.cpu(), dtype, dtype, Adapters.NONE);
    }

    /** As the product loads a model unless it is told otherwise. */
    LoadOptions fp32Decoder() {
        return LoadOptions.plain().with(dtype);
    }

    /** The first step of a job is its slowest; a small run of the same kind comes before it. */
    Settings warmUp() {
        int few = Math.min(count, batch);
        int steps = Math.min(2, this.steps);
        return new Settings(
                model, dtype, prompt, few, batch, steps, guidance, rank, checkpointing, 1, repeat);
    }

    /** Scored samples from seeds {@code firstSeed} on, as a worker draws them. */
    SamplingRequest candidates(long firstSeed) {
        return request(SchedulerKind.DDPM, SamplingSettings.Score.OFFICIAL, firstSeed);
    }

    /** Samples for pictures, not scored. */
    SamplingRequest images() {
        return request(SchedulerKind.DDIM, SamplingSettings.Score.NONE, 0);
    }

    private SamplingRequest request(
            SchedulerKind kind, SamplingSettings.Score score, long firstSeed) {
        long[] seeds = LongStream.range(firstSeed, firstSeed + count).toArray();
        var settings = new SamplingSettings(kind, steps, guidance, score, batch);
        return SamplingRequest.candidates(prompt, Optional.empty(), seeds, settings);
    }
}
