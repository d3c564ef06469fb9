package io.mitune.workers.training;

import io.mitune.diffusion.training.AdapterTrainer;
import io.mitune.diffusion.training.EncodedCaption;
import io.mitune.diffusion.training.StepResult;
import io.mitune.schemas.blobs.BlobException;
import io.mitune.workers.TrainingMode.Stream;
import io.mitune.workers.training.Round.Arrival;
import io.mitune.workers.training.StreamOrder.Place;
import io.mitune.workers.training.StreamWindow.Entry;
import io.mitune.workers.training.TrainerEvents.Standing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains as samples arrive: step n is due when the (n + 1) x newPerStep-th sample of the log is in.
 *
 * <p>Which samples a step sees follows from the log, seed and step, so one curated log gives one
 * line of adapters, interrupted or not. Versions are published on the way and nobody waits for
 * their decision; each names the one before as its parent. Used by one thread.
 */
final class StreamTraining {
    private static final Logger log = LoggerFactory.getLogger(StreamTraining.class);
    private static final Duration POLL = Duration.ofMillis(200);

    private final TrainerContext context;
    private final Stream mode;
    private final AdapterTrainer trainer;
    private final Publisher publisher;
    private final SampleLoader loader;
    private final StreamOrder order = new StreamOrder();
    private final List<ProducerRecord<byte[], byte[]>> letters = new ArrayList<>();
    private final EncodedCaption emptyCaption;
    private final StandingStaleness standing;
    private final StreamWindow window;
    private final Set<String> missing;
    private int version;
    private Optional<StepResult> last = Optional.empty();

    /**
     * @param entries of the checkpoint to go on from; empty for a new run
     */
    private StreamTraining(
            TrainerContext context,
            Stream mode,
            AdapterTrainer trainer,
            StandingStaleness standing,
            Map<String, String> entries) {
        this.context = context;
        this.standing = standing;
        this.mode = mode;
        this.trainer = trainer;
        publisher = new Publisher(context, trainer);
        var base = context.model().base();
        loader = new SampleLoader(base, context.blobs(), new RecentCaptions(base)::get);
        emptyCaption = context.device().with(() -> EncodedCaption.of(base, ""));
        if (entries.isEmpty()) {
            window = new StreamWindow(mode);
            window.allow(standing.now());
            missing = new HashSet<>();
            version = context.run().nextVersion();
        } else {
            var state = RoundState.of(entries);
            window = StreamWindow.of(mode, entries);
            missing = new HashSet<>(state.candidateIds());
            version = state.version();
        }
    }

    /** Goes on where this run's trainer was, or begins. */
    static void run(TrainerContext context, Stream mode) {
        var start = new TrainerStart(context);
        start.announceNewRun();
        var settings = context.config().training();
        var checkpoint = context.run().last().filter(e -> e.getCheckpoint() != null);
        try (var standing = new StandingStaleness(context.connection(), context.config().run());
                var trainer =
                        checkpoint.isPresent() ? start.fresh(settings) : start.begin(settings)) {
            Map<String, String> entries =
                    checkpoint.map(e -> start.restore(trainer, e.getCheckpoint())).orElse(Map.of());
            log.info(
                    "{}: the stream goes on at step {}",
                    context.config().run(),
                    trainer.progress().step());
            new StreamTraining(context, mode, trainer, standing, entries).run();
        } finally {
            context.listener().working(false);
        }
    }

    /** Trains until the last step or until it is told to stop. */
    private void run() {
        long steps = context.config().training().batches().steps();
        context.listener()
                .training(window.newestRound(), missing.size(), trainer.progress().step(), steps);
        for (long step = trainer.progress().step(); step < steps; step++) {
            if (!awaitSamples((step + 1) * mode.newPerStep())) {
                checkpoint();
                return;
            }
            step(step, steps);
            long done = step + 1;
            if (done % mode.stepsPerVersion() == 0 || done == steps) {
                publishVersion();
            } else if (done % context.config().checkpointEvery() == 0) {
                checkpoint();
            }
        }
    }

    /** Takes samples in until there are that many; false when told to stop. */
    private boolean awaitSamples(long wanted) {
        while (window.admitted() < wanted || !missing.isEmpty()) {
            if (context.isStopping()) {
                return false;
            }
            var next = order.next(context.curated().positions());
            if (next.isPresent()) {
                take(next.get());
            } else {
                context.listener().working(false);
                context.curated().poll(POLL, order::offer);
            }
        }
        context.listener().working(!context.isStopping());
        return !context.isStopping();
    }

    private void take(Arrival arrival) {
        var sample = arrival.sample();
        var place = Place.of(arrival);
        String id = sample.getCandidateId();
        if (id != null && missing.remove(id)) {
            window.putBack(again(arrival));
        } else if (!window.knows(place, id)) {
            if (sample.getKept() == 0) {
                window.pass(place);
                return;
            }
            try {
                window.admit(load(arrival));
            } catch (BlobException | IllegalArgumentException e) {
                log.warn("{}: {}", place, e.getMessage());
                letters.add(context.curated().letter(arrival.raw(), e.getMessage()));
                window.pass(place);
            }
        }
    }

    /** A sample that was trained on before must still be there. */
    private Entry again(Arrival arrival) {
        try {
            return load(arrival);
        } catch (BlobException | IllegalArgumentException e) {
            throw new TrainerException(
                    "trainer of run %s: can't go on as it began: %s"
                            .formatted(context.config().run(), e.getMessage()),
                    e);
        }
    }

    private Entry load(Arrival arrival) {
        var sample = arrival.sample();
        return new Entry(
                Place.of(arrival),
                sample.getCandidateId(),
                sample.getAdapterVersion(),
                sample.getRound(),
                context.device().with(() -> loader.load(sample)));
    }

    private void step(long step, long steps) {
        var training = context.config().training();
        var samples = window.draw(training.seed(), step, training.batches().samplesPerStep());
        var timed =
                TimedStep.take(
                        context,
                        () -> {
                            context.model().base().text().release();
                            try (var set = context.model().upload(samples, emptyCaption)) {
                                return trainer.trainStep(step, set);
                            }
                        });
        last = Optional.of(timed.result());
        var event = publisher.step(state(), timed, window.staleness());
        context.listener().stepped(event, step + 1, steps);
    }

    private void checkpoint() {
        publisher.checkpoint(standing(), entries(), letters);
        letters.clear();
    }

    private void publishVersion() {
        var result = standing();
        version++;
        window.versionEnds();
        window.allow(standing.now());
        publisher.version(result, entries(), letters);
        letters.clear();
    }

    private RoundState state() {
        return new RoundState(
                window.newestRound(), version, version - 1, 0, 0, window.candidateIds());
    }

    private Map<String, String> entries() {
        Map<String, String> entries = new TreeMap<>(window.toMap());
        entries.putAll(state().toMap());
        return entries;
    }

    private Standing standing() {
        Map<String, Long> offsets = new TreeMap<>();
        var begin = window.begin();
        context.curated()
                .positions()
                .keySet()
                .forEach(p -> offsets.put(Integer.toString(p), begin.offsetIn(p)));
        return new Standing(
                state(),
                trainer.progress(),
                window.digest(),
                Math.toIntExact(window.admitted()),
                window.added(),
                offsets,
                last,
                Map.of(
                        "max_staleness", (double) window.maxStaleness(),
                        "stale_samples", (double) window.staleness().leftOut()));
    }
}
