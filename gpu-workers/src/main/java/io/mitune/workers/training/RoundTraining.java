package io.mitune.workers.training;

import io.mitune.diffusion.adapter.AdapterFile;
import io.mitune.diffusion.training.AdapterTrainer;
import io.mitune.diffusion.training.SampleSet;
import io.mitune.diffusion.training.StepResult;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.EvaluationTask;
import io.mitune.workers.training.TrainerEvents.Standing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The optimizer steps of one round, with checkpoints, up to the finished version.
 *
 * <p>Which samples a step sees follows from seed, step and the round's samples, so the round ends
 * with the same adapter wherever it was interrupted. The device is let go between steps. Used by
 * one thread.
 */
final class RoundTraining {
    private static final Logger log = LoggerFactory.getLogger(RoundTraining.class);

    private final TrainerContext context;
    private final AdapterTrainer trainer;
    private final RoundState state;
    private final RoundSamples samples;
    private final int staleness;
    private final long steps;
    private Optional<StepResult> last = Optional.empty();

    /**
     * @param staleness adapter versions between the oldest sample and the adapter in use
     */
    RoundTraining(
            TrainerContext context,
            AdapterTrainer trainer,
            RoundState state,
            RoundSamples samples,
            int staleness) {
        this.context = context;
        this.trainer = trainer;
        this.state = state;
        this.samples = samples;
        this.staleness = staleness;
        steps = context.config().training().batches().steps();
    }

    /** Fixes the round's samples in the log, together with the dead letters of the others. */
    void announce(List<ProducerRecord<byte[], byte[]>> letters) {
        checkpoint(letters);
    }

    /**
     * Takes the steps that are left and publishes the version.
     *
     * @return false when it was stopped before the end; it can go on from the last checkpoint
     */
    boolean run() {
        long begin = trainer.progress().step();
        context.listener().training(state.round(), samples.samples().size(), begin, steps);
        if (!samples.samples().isEmpty() && begin < steps) {
            var empty = RoundSamples.Caption.of(context.model().base(), "").values();
            try (var set =
                    context.device()
                            .with(
                                    () ->
                                            SampleSet.upload(
                                                    context.model().manager(),
                                                    samples.samples(),
                                                    empty))) {
                if (!train(set)) {
                    return false;
                }
            }
        }
        publish();
        return true;
    }

    private boolean train(SampleSet set) {
        for (long step = trainer.progress().step(); step < steps; step++) {
            if (context.isStopping()) {
                checkpoint(List.of());
                return false;
            }
            step(step, set);
            boolean due = (step + 1) % context.config().checkpointEvery() == 0;
            if (due && step + 1 < steps) {
                checkpoint(List.of());
            }
        }
        return true;
    }

    private void step(long step, SampleSet set) {
        long begin = System.nanoTime();
        var result = context.device().with(() -> trainer.trainStep(step, set));
        double seconds = (System.nanoTime() - begin) / 1e9;
        last = Optional.of(result);
        var event = context.events().step(state, trainer.progress(), result, seconds, staleness);
        var topic = context.topics().trainingSteps();
        context.out().report(context.out().record(topic, event.getRun(), event));
        context.listener().stepped(event, step + 1, steps);
        log.debug("{}: step {}: loss {}", event.getRun(), event.getStep(), event.getLoss());
    }

    private void checkpoint(List<ProducerRecord<byte[], byte[]>> letters) {
        var event = context.events().checkpoint(standing(state.round()), trainerState());
        write(event, Optional.empty(), letters);
    }

    private void publish() {
        var adapter = adapter();
        var event =
                context.events().candidate(standing(state.round() + 1), adapter, trainerState());
        var evaluation =
                context.events().evaluation(state.version(), state.round(), Optional.of(adapter));
        write(event, Optional.of(evaluation), List.of());
        log.info(
                "{}: version {} of round {} from {} samples, adapter {}",
                event.getRun(),
                event.getVersion(),
                event.getRound(),
                event.getDatasetSize(),
                adapter.getSha256().substring(0, 12));
    }

    private Standing standing(int nextRound) {
        return new Standing(
                state,
                trainer.progress(),
                samples.digest(),
                context.curated().resumeAt(nextRound),
                last);
    }

    private void write(
            AdapterEvent event,
            Optional<EvaluationTask> evaluation,
            List<ProducerRecord<byte[], byte[]>> letters) {
        var out = context.out();
        var records = new ArrayList<>(letters);
        records.add(out.record(context.topics().adapterHistory(), event.getRun(), event));
        evaluation.ifPresent(
                task ->
                        records.add(
                                out.record(
                                        context.topics().evaluationTasks(),
                                        task.getTaskId(),
                                        task)));
        out.commit(records, context.curated().consumed());
        context.run().wrote(event);
        context.listener().published(event);
    }

    private BlobRef trainerState() {
        return store("trainer-states", trainer::save, state.toMap());
    }

    private BlobRef adapter() {
        Map<String, String> metadata = new TreeMap<>();
        metadata.put("mitune.run", context.config().run());
        metadata.put("mitune.version", Integer.toString(state.version()));
        metadata.put("mitune.model_digest", context.events().modelDigest());
        metadata.put("mitune.dataset_digest", samples.digest());
        return store(
                "adapters",
                (file, entries) -> AdapterFile.writeDiffusers(file, trainer.exportAdapter(entries)),
                metadata);
    }

    private BlobRef store(
            String kind,
            BiConsumer<Path, Map<String, String>> writer,
            Map<String, String> entries) {
        var file = context.scratch().resolve(kind + ".safetensors");
        try {
            context.device().run(() -> writer.accept(file, entries));
            return context.blobs().put(kind, "safetensors", Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException("scratch file " + file + ": " + e.getMessage(), e);
        }
    }
}
