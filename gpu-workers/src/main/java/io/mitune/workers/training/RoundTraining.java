package io.mitune.workers.training;

import io.mitune.diffusion.training.AdapterTrainer;
import io.mitune.diffusion.training.SampleSet;
import io.mitune.diffusion.training.StepResult;
import io.mitune.workers.training.TrainerEvents.Standing;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The optimizer steps of one round, with checkpoints, up to the finished version.
 *
 * <p>Which samples a step sees follows from seed, step and the round's samples, so the round ends
 * with the same adapter wherever it was interrupted. The device is let go between steps. Used by
 * one thread.
 */
final class RoundTraining {
    private final TrainerContext context;
    private final RoundStore store;
    private final AdapterTrainer trainer;
    private final Publisher publisher;
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
            RoundStore store,
            AdapterTrainer trainer,
            RoundState state,
            RoundSamples samples,
            int staleness) {
        this.context = context;
        this.store = store;
        this.trainer = trainer;
        publisher = new Publisher(context, trainer);
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
        context.listener().working(true);
        try {
            return trainAndPublish();
        } finally {
            context.listener().working(false);
        }
    }

    private boolean trainAndPublish() {
        long begin = trainer.progress().step();
        context.listener().training(state.round(), samples.samples().size(), begin, steps);
        if (!samples.samples().isEmpty() && begin < steps) {
            try (var set =
                    context.device()
                            .with(
                                    () ->
                                            context.model()
                                                    .upload(samples.samples(), samples.empty()))) {
                if (!train(set)) {
                    return false;
                }
            }
        }
        publisher.version(standing(state.round() + 1), state.toMap(), List.of());
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
        var timed = TimedStep.take(context, () -> trainer.trainStep(step, set));
        last = Optional.of(timed.result());
        var event = publisher.step(state, timed, new Staleness(staleness, 0));
        context.listener().stepped(event, step + 1, steps);
    }

    private void checkpoint(List<ProducerRecord<byte[], byte[]>> letters) {
        publisher.checkpoint(standing(state.round()), state.toMap(), letters);
    }

    private Standing standing(int nextRound) {
        return new Standing(
                state,
                trainer.progress(),
                samples.digest(),
                state.candidateIds().size(),
                state.candidateIds(),
                store.resumeAt(nextRound),
                last,
                Map.of());
    }
}
