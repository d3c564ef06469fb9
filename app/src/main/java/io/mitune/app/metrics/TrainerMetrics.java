package io.mitune.app.metrics;

import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.TrainingStep;
import io.mitune.workers.TrainerListener;

/** Shows how training goes, and passes everything on. Used by the trainer's thread. */
final class TrainerMetrics implements TrainerListener {
    private final Meters meters;
    private final TrainerListener next;

    TrainerMetrics(Meters meters, TrainerListener next) {
        this.meters = meters;
        this.next = next;
        meters.set(Catalogue.TRAINER_BUSY, 0);
    }

    @Override
    public void working(boolean busy) {
        meters.set(Catalogue.TRAINER_BUSY, busy ? 1 : 0);
        next.working(busy);
    }

    @Override
    public void waiting(int round, int seen, int expected) {
        next.waiting(round, seen, expected);
    }

    @Override
    public void training(int round, int samples, long step, long steps) {
        next.training(round, samples, step, steps);
    }

    @Override
    public void stepped(TrainingStep step, long done, long steps) {
        var run = step.getRun();
        meters.add(Catalogue.TRAINING_STEPS, 1, "run", run);
        meters.set(Catalogue.TRAINING_LOSS, step.getLoss(), "run", run);
        meters.set(Catalogue.TRAINING_GRADIENT_NORM, step.getGradientNorm(), "run", run);
        meters.set(Catalogue.TRAINING_LEARNING_RATE, step.getLearningRate(), "run", run);
        meters.set(Catalogue.TRAINING_SAMPLES_PER_SECOND, step.getSamplesPerSecond(), "run", run);
        meters.set(Catalogue.TRAINING_ROUND, step.getRound(), "run", run);
        meters.set(Catalogue.STALENESS_VERSIONS, step.getStaleness(), "run", run);
        meters.add(Catalogue.GPU_SECONDS, step.getSeconds(), "activity", "training", "run", run);
        next.stepped(step, done, steps);
    }

    @Override
    public void published(AdapterEvent event) {
        next.published(event);
    }

    @Override
    public void decided(AdapterEvent current) {
        next.decided(current);
    }
}
