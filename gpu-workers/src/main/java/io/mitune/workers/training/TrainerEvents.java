package io.mitune.workers.training;

import io.mitune.diffusion.training.StepResult;
import io.mitune.diffusion.training.TrainerProgress;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.EvaluationTask;
import io.mitune.schemas.TrainingStep;
import io.mitune.workers.TrainerRoleConfig;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes the records that a trainer writes. Immutable.
 *
 * @param config of the role
 * @param modelDigest of the base model
 */
record TrainerEvents(TrainerRoleConfig config, String modelDigest) {

    /**
     * Where a round stands.
     *
     * @param state of the round
     * @param progress of its trainer
     * @param digest of its samples
     * @param size number of its samples
     * @param added candidateIds that its parent was not trained on, in the order of training
     * @param offsets where to read curated samples from when going on after this event
     * @param last the last step, if there was one
     * @param metrics what else there is to tell
     */
    record Standing(
            RoundState state,
            TrainerProgress progress,
            String digest,
            int size,
            List<String> added,
            Map<String, Long> offsets,
            Optional<StepResult> last,
            Map<String, Double> metrics) {}

    /** The first event of a run: the base model is its version 0. */
    AdapterEvent base() {
        return event(0, 0, 0).setReason("the run starts from the base model").build();
    }

    /** A state to go on from. */
    AdapterEvent checkpoint(Standing standing, BlobRef trainerState) {
        return of(standing).setStatus(RunEvents.CHECKPOINT).setCheckpoint(trainerState).build();
    }

    /** A finished round that asks for its decision. */
    AdapterEvent candidate(
            Standing standing, BlobRef adapter, BlobRef trainerState, BlobRef dataset) {
        return of(standing)
                .setStatus(RunEvents.CANDIDATE)
                .setAdapter(adapter)
                .setCheckpoint(trainerState)
                .setDataset(dataset)
                .build();
    }

    /** Work for the evaluator. */
    EvaluationTask evaluation(int version, int round, Optional<BlobRef> adapter) {
        var validation = config.validation();
        return EvaluationTask.newBuilder()
                .setTaskId(taskId(version))
                .setRun(config.run())
                .setVersion(version)
                .setRound(round)
                .setAdapter(adapter.orElse(null))
                .setPrompts(validation.prompts())
                .setImagesPerPrompt(validation.imagesPerPrompt())
                .setSeed(validation.seed())
                .setSampling(validation.sampling())
                .setMicroBatch(validation.microBatch())
                .build();
    }

    String taskId(int version) {
        return config.run() + "/" + version;
    }

    /**
     * @param progress after the step
     * @param staleness of the samples in use
     */
    TrainingStep step(
            RoundState state, TrainerProgress progress, TimedStep timed, Staleness staleness) {
        var result = timed.result();
        return TrainingStep.newBuilder()
                .setRun(config.run())
                .setRound(state.round())
                .setStep(state.stepsBefore() + Math.toIntExact(progress.step()))
                .setLoss(result.loss())
                .setGradientNorm(result.gradNorm())
                .setLearningRate(result.learningRate())
                .setSamplesPerSecond(result.samples() / timed.seconds())
                .setSamples(state.samplesBefore() + progress.samples())
                .setSkippedSteps(progress.skipped())
                .setStaleness(staleness.versions())
                .setStaleSamples(staleness.leftOut())
                .setSeconds(timed.deviceSeconds())
                .setCreatedAt(now())
                .build();
    }

    private AdapterEvent.Builder of(Standing standing) {
        var state = standing.state();
        var progress = standing.progress();
        Map<String, Double> metrics = new HashMap<>(standing.metrics());
        metrics.put("samples", (double) state.samplesBefore() + progress.samples());
        metrics.put("skipped_steps", (double) progress.skipped());
        standing.last()
                .ifPresent(
                        step -> {
                            metrics.put("loss", step.loss());
                            metrics.put("gradient_norm", step.gradNorm());
                        });
        return event(state.version(), state.round(), state.parentVersion())
                .setStep(state.stepsBefore() + Math.toIntExact(progress.step()))
                .setCuratedOffsets(standing.offsets())
                .setDatasetDigest(standing.digest())
                .setDatasetSize(standing.size())
                .setMetrics(metrics)
                .setReason(
                        "round %d, step %d of %d"
                                .formatted(
                                        state.round(),
                                        progress.step(),
                                        config.training().batches().steps()));
    }

    private AdapterEvent.Builder event(int version, int round, int parent) {
        var adapter = config.training().adapter();
        return AdapterEvent.newBuilder()
                .setRun(config.run())
                .setVersion(version)
                .setRound(round)
                .setStep(0)
                .setParentVersion(parent)
                .setStatus(RunEvents.CHECKPOINT)
                .setRank(adapter.rank())
                .setAlpha(adapter.alpha())
                .setTargetModules(adapter.targetModules())
                .setUseDora(adapter.useDora())
                .setModelDigest(modelDigest)
                .setCreatedAt(now());
    }

    private static Instant now() {
        return Instant.now(Clock.systemUTC());
    }
}
