package io.mitune.streams.planner;

import io.mitune.schemas.DeadLetters;
import io.mitune.schemas.Topics;
import java.time.Duration;

/**
 * How the planner hands out work. Immutable.
 *
 * <p>The window is what makes priorities and turns count: what was handed out is done in any order.
 * Too small, and workers wait for tasks; too large, and urgent prompts wait behind others. Each
 * stream task has an equal part of it and should alone keep all workers busy, as prompts may be
 * uneven: {@link #forWorkers} gives that.
 *
 * @param split how a prompt's candidates become tasks
 * @param maxOpenCandidates candidates that are handed out and not in the log yet, over all
 *     partitions; exceeded by at most a task in each
 * @param openTimeout time after which a candidate that did not come though later ones did, as of a
 *     dead-lettered task, leaves the window
 * @param remembered how long a prompt is known after its last task was handed out, so that one that
 *     comes again adds nothing; by default as long as dead letters are kept
 */
public record PlannerConfig(
        TaskSplit split, int maxOpenCandidates, Duration openTimeout, Duration remembered) {
    /** Enough for 64 workers that take 16 candidates at once. */
    public static final int MAX_OPEN_CANDIDATES = 4096;

    public static final Duration OPEN_TIMEOUT = Duration.ofHours(1);

    private static final int PARTITIONS = new Topics("").prompts().partitions();

    public PlannerConfig {
        if (maxOpenCandidates < 1) {
            throw new IllegalArgumentException(
                    "planner: open candidates: expected 1 or more, found " + maxOpenCandidates);
        }
        if (openTimeout.toMillis() < 1 || remembered.compareTo(openTimeout) < 0) {
            throw new IllegalArgumentException(
                    "planner: expected a timeout above 0 and prompts remembered no shorter, found "
                            + openTimeout
                            + " and "
                            + remembered);
        }
    }

    /** For a farm of unknown size. */
    public static PlannerConfig of(TaskSplit split) {
        return new PlannerConfig(split, MAX_OPEN_CANDIDATES, OPEN_TIMEOUT, DeadLetters.KEPT);
    }

    /** Two tasks for each worker, from any one partition. */
    public static PlannerConfig forWorkers(TaskSplit split, int workers) {
        return of(split).withMaxOpen(2 * workers * split.candidatesPerTask() * PARTITIONS);
    }

    public PlannerConfig withMaxOpen(int candidates) {
        return new PlannerConfig(split, candidates, openTimeout, remembered);
    }

    public PlannerConfig withOpenTimeout(Duration timeout) {
        return new PlannerConfig(split, maxOpenCandidates, timeout, remembered);
    }

    /** One stream task's part of the window. */
    int window() {
        return (maxOpenCandidates + PARTITIONS - 1) / PARTITIONS;
    }
}
