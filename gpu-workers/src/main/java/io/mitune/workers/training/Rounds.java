package io.mitune.workers.training;

import io.mitune.diffusion.training.TrainingConfig;
import io.mitune.schemas.AdapterEvent;
import io.mitune.workers.training.Round.Arrival;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
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
 * <p>A round starts from the adapter that is in use when its samples are found complete, whether
 * the trainer waited for them or was started afterwards, so a rollback or promotion before that
 * counts. From its first checkpoint on, which holds that adapter, it goes on as it began. With a
 * new optimizer and a seed of its own a round is a function of that adapter, its samples and the
 * settings. Used by one thread.
 */
final class Rounds {
    private static final Logger log = LoggerFactory.getLogger(Rounds.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long SEED_STEP = 1_000_003;

    private final TrainerContext context;
    private final RoundStore store;
    private final TrainerStart start;

    Rounds(TrainerContext context) {
        this.context = context;
        store = new RoundStore(context.curated());
        start = new TrainerStart(context);
    }

    /** Works until the last round is decided or it is told to stop. */
    void run() {
        start.announceNewRun();
        boolean goesOn = awaitDecisionOfLast();
        while (goesOn && !context.isStopping() && !isLast(context.run().decidedRound())) {
            goesOn = train(nextRound()) && awaitDecisionOfLast();
        }
    }

    private boolean isLast(int decided) {
        int rounds = context.config().rounds();
        return rounds > 0 && decided >= rounds;
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
        store.forgetBefore(round);
        var unfinished = unfinished();
        return unfinished.isPresent() ? resume(unfinished.get()) : begin(round);
    }

    private boolean begin(int round) {
        var there = awaitArrivals(round, Round::isComplete);
        if (there.isEmpty() || !context.run().catchUp(context::isStopping)) {
            return false;
        }
        var current = context.run().current();
        var samples = load(there.get().samples());
        try (var trainer = start.begin(settings(round))) {
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
            var training =
                    new RoundTraining(context, store, trainer, state, samples, staleness(samples));
            training.announce(
                    samples.refused().stream()
                            .map(r -> context.curated().letter(r.arrival().raw(), r.reason()))
                            .toList());
            return training.run();
        }
    }

    private boolean resume(AdapterEvent checkpoint) {
        try (var trainer = start.fresh(settings(checkpoint.getRound()))) {
            var state = RoundState.of(start.restore(trainer, checkpoint.getCheckpoint()));
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
            return new RoundTraining(context, store, trainer, state, samples, staleness(samples))
                    .run();
        }
    }

    private Optional<Round> awaitArrivals(int number, Predicate<Round> enough) {
        int seen = -1;
        while (!context.isStopping()) {
            var round = store.round(number);
            if (round.promptsSeen() != seen) {
                seen = round.promptsSeen();
                context.listener().waiting(number, seen, round.promptsExpected());
            }
            if (enough.test(round)) {
                return Optional.of(round);
            }
            store.poll(POLL);
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

    /** Round 1 has the seed of the settings, each later one another. */
    private TrainingConfig settings(int round) {
        var training = context.config().training();
        return training.with(c -> c.seed += SEED_STEP * (round - 1));
    }

    private RoundSamples load(List<Arrival> arrivals) {
        return start.onDevice(
                () -> RoundSamples.load(context.model().base(), context.blobs(), arrivals));
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
