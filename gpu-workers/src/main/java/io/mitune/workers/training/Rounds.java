package io.mitune.workers.training;

import io.mitune.diffusion.adapter.AdapterFile;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.training.AdapterTrainer;
import io.mitune.diffusion.training.TrainingConfig;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.blobs.BlobException;
import io.mitune.workers.training.Round.Arrival;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Round after round: wait for its samples, train, wait for its decision.
 *
 * <pre>
 *   curated --> all prompts of round r --> steps --> candidate r --> decision r --> round r + 1
 *                                           ^  |
 *                                 resume ---+  +--> checkpoints
 * </pre>
 *
 * <p>A round starts from the adapter that is in use when it starts, with a new optimizer and a seed
 * of its own: it is a function of that adapter, its samples and the settings. Used by one thread.
 */
final class Rounds {
    private static final Logger log = LoggerFactory.getLogger(Rounds.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long SEED_STEP = 1_000_003;

    private final TrainerContext context;

    Rounds(TrainerContext context) {
        this.context = context;
    }

    /** Works until the last round is decided or it is told to stop. */
    void run() {
        if (context.run().last().isEmpty()) {
            announceRun();
        }
        boolean goesOn = awaitDecisionOfLast();
        while (goesOn && !context.isStopping() && !isLast(context.run().decidedRound())) {
            goesOn = train(nextRound()) && awaitDecisionOfLast();
        }
    }

    private boolean isLast(int decided) {
        int rounds = context.config().rounds();
        return rounds > 0 && decided >= rounds;
    }

    /** The base model is version 0; its evaluation is what the first adapter is compared with. */
    private void announceRun() {
        var out = context.out();
        var base = context.events().base();
        var evaluation = context.events().evaluation(0, 0, Optional.empty());
        out.commit(
                List.of(
                        out.record(context.topics().adapterHistory(), base.getRun(), base),
                        out.record(
                                context.topics().evaluationTasks(),
                                evaluation.getTaskId(),
                                evaluation)),
                context.curated().consumed());
        context.run().wrote(base);
        context.listener().published(base);
    }

    private int nextRound() {
        return unfinished().map(AdapterEvent::getRound).orElse(context.run().decidedRound() + 1);
    }

    /** The checkpoint of a round that was interrupted. */
    private Optional<AdapterEvent> unfinished() {
        return context.run()
                .last()
                .filter(e -> e.getStatus().equals(RunEvents.CHECKPOINT))
                .filter(e -> e.getCheckpoint() != null)
                .filter(e -> e.getRound() > context.run().decidedRound());
    }

    private boolean train(int round) {
        context.curated().forgetBefore(round);
        var unfinished = unfinished();
        return unfinished.isPresent() ? resume(unfinished.get()) : start(round);
    }

    private boolean start(int round) {
        var there = awaitArrivals(round, Round::isComplete);
        if (there.isEmpty()) {
            return false;
        }
        var current = context.run().current();
        var samples = load(there.get().samples());
        try (var trainer = begin(round, current)) {
            var state =
                    new RoundState(
                            round,
                            context.run().nextVersion(),
                            current.map(AdapterEvent::getVersion).orElse(0),
                            context.run().last().map(AdapterEvent::getStep).orElse(0),
                            samplesBefore(),
                            samples.candidateIds());
            log.info(
                    "{}: round {} starts from version {} with {} samples, {} refused",
                    context.config().run(),
                    round,
                    state.parentVersion(),
                    samples.samples().size(),
                    samples.refused().size());
            var training = new RoundTraining(context, trainer, state, samples, staleness(samples));
            training.announce(
                    samples.refused().stream()
                            .map(r -> context.curated().letter(r.arrival().raw(), r.reason()))
                            .toList());
            return training.run();
        }
    }

    private boolean resume(AdapterEvent checkpoint) {
        var file = verified(checkpoint.getCheckpoint(), "checkpoint");
        try (var trainer = fresh(checkpoint.getRound())) {
            var state = RoundState.of(device(() -> trainer.restore(file)));
            log.info(
                    "{}: round {} goes on at step {}",
                    context.config().run(),
                    state.round(),
                    trainer.progress().step());
            var there =
                    awaitArrivals(state.round(), r -> r.select(state.candidateIds()).isPresent());
            if (there.isEmpty()) {
                return false;
            }
            var arrivals = there.get().select(state.candidateIds()).orElseThrow();
            var samples = load(arrivals);
            if (!samples.refused().isEmpty()) {
                throw new TrainerException(
                        "trainer of run %s: round %d can't go on as it began: %s"
                                .formatted(
                                        context.config().run(),
                                        state.round(),
                                        samples.refused().get(0).reason()));
            }
            return new RoundTraining(context, trainer, state, samples, staleness(samples)).run();
        }
    }

    private Optional<Round> awaitArrivals(int number, Predicate<Round> enough) {
        int seen = -1;
        while (!context.isStopping()) {
            var round = context.curated().round(number);
            if (round.promptsSeen() != seen) {
                seen = round.promptsSeen();
                context.listener().waiting(number, seen, round.promptsExpected());
            }
            if (enough.test(round)) {
                return Optional.of(round);
            }
            context.curated().poll(POLL);
        }
        return Optional.empty();
    }

    /** Waits until the last version published is decided; false when told to stop. */
    private boolean awaitDecisionOfLast() {
        int round =
                context.run()
                        .last()
                        .filter(e -> e.getStatus().equals(RunEvents.CANDIDATE))
                        .map(AdapterEvent::getRound)
                        .orElse(0);
        boolean waited = false;
        while (context.run().decidedRound() < round) {
            if (context.isStopping()) {
                return false;
            }
            waited = true;
            context.run().poll(POLL);
        }
        if (waited) {
            context.run().current().ifPresent(context.listener()::decided);
        }
        return true;
    }

    private AdapterTrainer begin(int round, Optional<AdapterEvent> current) {
        var adapter = current.map(AdapterEvent::getAdapter);
        if (adapter.isEmpty()) {
            return fresh(round);
        }
        var file = verified(adapter.get(), "adapter");
        return device(
                () ->
                        AdapterTrainer.from(
                                context.model(), settings(round), AdapterFile.read(file)));
    }

    private AdapterTrainer fresh(int round) {
        return device(() -> AdapterTrainer.fresh(context.model(), settings(round)));
    }

    /** Round 1 has the seed of the settings, each later one another. */
    private TrainingConfig settings(int round) {
        var training = context.config().training();
        return training.withSeed(training.seed() + SEED_STEP * (round - 1));
    }

    private Path verified(BlobRef ref, String what) {
        try {
            context.blobs().get(ref);
            return context.blobs().resolve(ref);
        } catch (BlobException e) {
            throw new TrainerException(
                    "trainer of run %s: its %s: %s"
                            .formatted(context.config().run(), what, e.getMessage()),
                    e);
        }
    }

    private RoundSamples load(List<Arrival> arrivals) {
        return device(() -> RoundSamples.load(context.model().base(), context.blobs(), arrivals));
    }

    private <T> T device(Supplier<T> work) {
        try {
            return context.device().with(work);
        } catch (ModelFileException e) {
            throw new TrainerException(
                    "trainer of run " + context.config().run() + ": " + e.getMessage(), e);
        }
    }

    private long samplesBefore() {
        return context.run()
                .last()
                .map(e -> e.getMetrics().getOrDefault("samples", 0.0).longValue())
                .orElse(0L);
    }

    private int staleness(RoundSamples samples) {
        int inUse = context.run().current().map(AdapterEvent::getVersion).orElse(0);
        return samples.samples().isEmpty() ? 0 : Math.max(0, inUse - samples.oldestAdapter());
    }
}
