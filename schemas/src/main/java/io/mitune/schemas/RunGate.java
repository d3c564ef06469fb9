package io.mitune.schemas;

import java.util.Optional;

/**
 * Whether a run may be given more work: its state says no when it is paused or a budget is spent.
 *
 * <p>What decides is the run's record in the run-status topic; a run without one is never held up.
 * Thread-safe.
 */
public final class RunGate {
    private RunGate() {}

    /** Why nothing more is released for the run, or nothing when it may go on. */
    public static Optional<String> closed(Optional<RunStatus> status) {
        return status.map(RunStatus::getWaits).filter(reason -> !reason.isEmpty());
    }
}
