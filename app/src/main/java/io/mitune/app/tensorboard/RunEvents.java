package io.mitune.app.tensorboard;

import io.mitune.schemas.Evaluation;
import io.mitune.schemas.TrainingStep;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What one run's folder holds, each step and each version once.
 *
 * <p>A trainer that goes on from a checkpoint does steps again and tells of them again, with the
 * same values; a process that is started again reads the log again. Both are left out by what the
 * files hold already, so there is no position to keep beside them. Belongs to one thread.
 */
final class RunEvents implements AutoCloseable {
    private static final String LOSS = "train/loss";
    private static final String MEAN_MI = "eval/mean_mi";

    private final EventFolder folder;
    private final Set<Long> versions = new HashSet<>();
    private long lastStep;

    RunEvents(Path folder) {
        this.folder = new EventFolder(folder);
        this.folder.read(this::known);
    }

    void add(TrainingStep step) {
        if (step.getStep() <= lastStep) {
            return;
        }
        lastStep = step.getStep();
        var values = new LinkedHashMap<String, Float>();
        values.put(LOSS, (float) step.getLoss());
        values.put("train/gradient_norm", (float) step.getGradientNorm());
        values.put("train/learning_rate", (float) step.getLearningRate());
        values.put("train/samples_per_second", (float) step.getSamplesPerSecond());
        values.put("train/staleness", (float) step.getStaleness());
        values.put("train/stale_samples", (float) step.getStaleSamples());
        values.put("train/skipped_steps", (float) step.getSkippedSteps());
        values.put("train/round", (float) step.getRound());
        put(step.getCreatedAt(), step.getStep(), values);
    }

    /** The x axis of evaluations is the version. */
    void add(Evaluation evaluation) {
        if (!versions.add((long) evaluation.getVersion())) {
            return;
        }
        var values = new LinkedHashMap<String, Float>();
        values.put(MEAN_MI, (float) evaluation.getMeanMi());
        values.put("eval/standard_error_mi", (float) evaluation.getStandardErrorMi());
        values.put("eval/adapter_norm", (float) evaluation.getAdapterNorm());
        if (evaluation.getDiversity() != null) {
            values.put("eval/diversity", evaluation.getDiversity().floatValue());
        }
        put(evaluation.getCreatedAt(), evaluation.getVersion(), values);
    }

    void flush() {
        folder.flush();
    }

    @Override
    public void close() {
        folder.close();
    }

    private void known(EventRecord event) {
        if (event.values().containsKey(LOSS)) {
            lastStep = Math.max(lastStep, event.step());
        }
        if (event.values().containsKey(MEAN_MI)) {
            versions.add(event.step());
        }
    }

    private void put(Instant at, long step, Map<String, Float> values) {
        folder.add(new EventRecord(at.toEpochMilli() / 1000.0, step, values));
    }
}
