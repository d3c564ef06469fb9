package io.mitune.workers.training;

import io.mitune.diffusion.adapter.AdapterFile;
import io.mitune.diffusion.training.AdapterTrainer;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.EvaluationTask;
import io.mitune.schemas.TrainingStep;
import io.mitune.workers.training.TrainerEvents.Standing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
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
 * Writes down what a trainer has done: the blob first, then the event that names it.
 *
 * <p>Used by the trainer's thread.
 */
final class Publisher {
    private static final Logger log = LoggerFactory.getLogger(Publisher.class);

    private final TrainerContext context;
    private final AdapterTrainer trainer;

    Publisher(TrainerContext context, AdapterTrainer trainer) {
        this.context = context;
        this.trainer = trainer;
    }

    /** Tells of one optimizer step, at once and outside any transaction. */
    TrainingStep step(RoundState state, TimedStep timed, Staleness staleness) {
        var event = context.events().step(state, trainer.progress(), timed, staleness);
        var topic = context.topics().trainingSteps();
        context.out().report(context.out().record(topic, event.getRun(), event));
        log.debug("{}: step {}: loss {}", event.getRun(), event.getStep(), event.getLoss());
        return event;
    }

    /**
     * Writes a state to go on from.
     *
     * @param entries what the state holds beside adapter and optimizer
     * @param letters dead letters that belong to it
     */
    void checkpoint(
            Standing standing,
            Map<String, String> entries,
            List<ProducerRecord<byte[], byte[]>> letters) {
        var event = context.events().checkpoint(standing, trainerState(entries));
        write(event, Optional.empty(), letters);
    }

    /** Writes a finished version and the task to evaluate it. */
    void version(
            Standing standing,
            Map<String, String> entries,
            List<ProducerRecord<byte[], byte[]>> letters) {
        var adapter = adapter(standing);
        var event =
                context.events()
                        .candidate(standing, adapter, trainerState(entries), dataset(standing));
        var evaluation =
                context.events()
                        .evaluation(event.getVersion(), event.getRound(), Optional.of(adapter));
        write(event, Optional.of(evaluation), letters);
        log.info(
                "{}: version {} of round {} from {} samples, adapter {}",
                event.getRun(),
                event.getVersion(),
                event.getRound(),
                event.getDatasetSize(),
                adapter.getSha256().substring(0, 12));
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

    private BlobRef trainerState(Map<String, String> entries) {
        return store("trainer-states", trainer::save, entries);
    }

    /** For lineage: too long for an event. */
    private BlobRef dataset(Standing standing) {
        var lines = RoundSamples.lines(standing.added()).getBytes(StandardCharsets.UTF_8);
        return context.blobs().put("datasets", "txt", lines);
    }

    private BlobRef adapter(Standing standing) {
        Map<String, String> metadata = new TreeMap<>();
        metadata.put("mitune.run", context.config().run());
        metadata.put("mitune.version", Integer.toString(standing.state().version()));
        metadata.put("mitune.model_digest", context.events().modelDigest());
        metadata.put("mitune.dataset_digest", standing.digest());
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
