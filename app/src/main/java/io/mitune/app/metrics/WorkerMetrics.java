package io.mitune.app.metrics;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.Evaluation;
import io.mitune.workers.WorkerListener;
import org.apache.avro.specific.SpecificRecord;

/** Counts what a worker does, and passes everything on. Thread-safe. */
final class WorkerMetrics implements WorkerListener {
    private final Meters meters;
    private final WorkerListener next;

    WorkerMetrics(Meters meters, WorkerListener next) {
        this.meters = meters;
        this.next = next;
        meters.set(Catalogue.WORKER_BUSY, 0);
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
        meters.add(Catalogue.LOCK_RENEWALS, 1, "result", kept ? "renewed" : "lost");
        next.renewed(kept);
    }

    @Override
    public void buried(String topic) {
        meters.add(Catalogue.TASKS_BURIED, 1, "topic", topic);
        next.buried(topic);
    }

    private void seconds(String activity, String run, double seconds) {
        if (seconds > 0 && Double.isFinite(seconds)) {
            meters.add(Catalogue.GPU_SECONDS, seconds, "activity", activity, "run", run);
        }
    }
}
