package io.mitune.app.metrics;

import java.util.Locale;

/**
 * Every metric of our own: its name, what it counts, and which role exports it.
 *
 * <p>The one place for names: docs/metrics.md, the Grafana board and the scaling rules are checked
 * against it. Kafka's and the JVM's own metrics have their own names.
 */
enum Catalogue {
    READY(
            Kind.GAUGE,
            "all",
            "part",
            "1 for a part that works, 0 for one that is waited for; kafka, topics, registry and"
                    + " blobs only then"),
    CANDIDATES(Kind.COUNTER, "worker", "run", "Candidates drawn, failed ones too"),
    CANDIDATE_FAILURES(Kind.COUNTER, "worker", "run", "Candidates that could not be made"),
    GPU_SECONDS(
            Kind.COUNTER,
            "worker, trainer",
            "activity, run",
            "Seconds on the device: generation, evaluation or training"),
    LOCK_RENEWALS(Kind.COUNTER, "worker", "result", "Renewals of a task's lock: renewed, or lost"),
    TASKS_BURIED(Kind.COUNTER, "worker", "topic", "Tasks that this worker gave up"),
    WORKER_BUSY(Kind.GAUGE, "worker", "", "1 while a task is in work"),
    TRAINER_BUSY(
            Kind.GAUGE, "trainer", "", "1 while there is something to train on, 0 while it waits"),
    TRAINING_STEPS(Kind.COUNTER, "trainer", "run", "Optimizer steps"),
    TRAINING_LOSS(Kind.GAUGE, "trainer", "run", "Loss of the last step"),
    TRAINING_GRADIENT_NORM(Kind.GAUGE, "trainer", "run", "Gradient norm before clipping"),
    TRAINING_LEARNING_RATE(Kind.GAUGE, "trainer", "run", "Learning rate of the last step"),
    TRAINING_SAMPLES_PER_SECOND(Kind.GAUGE, "trainer", "run", "Speed of the last step"),
    TRAINING_ROUND(Kind.GAUGE, "trainer", "run", "Round in training, or waited for"),
    STALENESS_VERSIONS(
            Kind.GAUGE,
            "trainer",
            "run",
            "Adapter versions between the oldest sample in use and the adapter in use"),
    TOPOLOGY_UP(Kind.GAUGE, "curator", "topology", "1 while planner, curator, ... runs"),
    TOPOLOGY_RECORDS(
            Kind.COUNTER,
            "curator",
            "topology, topic, direction",
            "Records read or written since this instance had the partition"),
    LATE_CANDIDATES(
            Kind.COUNTER, "curator", "", "Candidates that came after their prompt was closed"),
    QUEUE_BACKLOG_TASKS(
            Kind.GAUGE, "curator", "topic", "Tasks that no worker has finished; scale on this"),
    CONSUMER_LAG_RECORDS(
            Kind.GAUGE, "curator", "group, topic", "Committed records that a group has not read"),
    CURATED_SAMPLES(Kind.COUNTER, "curator", "run", "Samples kept, since this process began"),
    DEAD_LETTERS(
            Kind.COUNTER,
            "curator",
            "topic",
            "Dead letters of all roles, by the topic of the record, since this process began"),
    ADAPTER_VERSION(Kind.GAUGE, "curator", "run", "Adapter version in use"),
    VALIDATION_MI(Kind.GAUGE, "curator", "run", "Mean MI of the version evaluated last"),
    RUN_PAUSED(Kind.GAUGE, "curator", "run", "1 while the run is paused, by hand or by the guard"),
    RUN_SPENT(Kind.GAUGE, "curator", "run", "1 while a budget of the run is used up");

    private enum Kind {
        COUNTER,
        GAUGE
    }

    private final Kind kind;
    private final String roles;
    private final String labels;
    private final String description;

    Catalogue(Kind kind, String roles, String labels, String description) {
        this.kind = kind;
        this.roles = roles;
        this.labels = labels;
        this.description = description;
    }

    /** Micrometer's name. */
    String meter() {
        return "mitune." + name().toLowerCase(Locale.ROOT);
    }

    /** The name that Prometheus shows. */
    String exported() {
        var name = "mitune_" + name().toLowerCase(Locale.ROOT);
        return kind == Kind.COUNTER ? name + "_total" : name;
    }

    String description() {
        return description;
    }

    /** A row of docs/metrics.md. */
    String row() {
        return "| `%s` | %s | %s | %s | %s |"
                .formatted(
                        exported(),
                        kind.name().toLowerCase(Locale.ROOT),
                        labels.isEmpty() ? "-" : labels,
                        roles,
                        description);
    }
}
