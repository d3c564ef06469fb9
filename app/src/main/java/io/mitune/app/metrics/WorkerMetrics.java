package io.mitune.app.metrics;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.Evaluation;
import io.mitune.workers.WorkerListener;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/** Counts what a worker does, and passes everything on. Thread-safe. */
final class WorkerMetrics implements WorkerListener {
    private static final String RENEWED = "renewed";
    private static final String LOST = "lost";

    private final Meters meters;
    private final Health health;
    private final WorkerListener next;
    private Optional<Runnable> blobsAreBack = Optional.empty();

    WorkerMetrics(Meters meters, Health health, WorkerListener next) {
        this.meters = meters;
        this.health = health;
        this.next = next;
        meters.set(Catalogue.WORKER_BUSY, 0);
        for (var result : List.of(RENEWED, LOST)) {
            meters.add(Catalogue.LOCK_RENEWALS, 0, "result", result);
        }
    }

    @Override
    public void started(String taskId, String text, int images) {
        meters.set(Catalogue.WORKER_BUSY, 1);
        next.started(taskId, text, images);
    }

    @Override
    public void progress(String taskId, long done, long total) {
        next.progress(taskId, done, total);
    }

    @Override
    public void finished(String taskId, int images, double seconds) {
        meters.set(Catalogue.WORKER_BUSY, 0);
        next.finished(taskId, images, seconds);
    }

    @Override
    public void emitted(SpecificRecord result) {
        if (result instanceof Candidate c) {
            meters.add(Catalogue.CANDIDATES, 1, "run", c.getRun());
            meters.add(
                    Catalogue.CANDIDATE_FAILURES,
                    c.getFailure() == null ? 0 : 1,
                    "run",
                    c.getRun());
            seconds("generation", c.getRun(), c.getSeconds());
        } else if (result instanceof Evaluation e) {
            seconds("evaluation", e.getRun(), e.getSeconds());
        }
        next.emitted(result);
    }

    @Override
    public void renewed(boolean kept) {
        meters.add(Catalogue.LOCK_RENEWALS, 1, "result", kept ? RENEWED : LOST);
        next.renewed(kept);
    }

    @Override
    public void buried(String topic) {
        meters.add(Catalogue.TASKS_BURIED, 1, "topic", topic);
        next.buried(topic);
    }

    @Override
    public synchronized void blobs(boolean usable) {
        blobsAreBack.ifPresent(Runnable::run);
        blobsAreBack = usable ? Optional.empty() : Optional.of(health.waitingFor("blobs"));
        next.blobs(usable);
    }

    private void seconds(String activity, String run, double seconds) {
        if (seconds > 0 && Double.isFinite(seconds)) {
            meters.add(Catalogue.GPU_SECONDS, seconds, "activity", activity, "run", run);
        }
    }
}
