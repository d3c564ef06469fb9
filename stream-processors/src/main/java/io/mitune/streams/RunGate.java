package io.mitune.streams;

import java.util.Optional;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * Whether work of a run may be handed out now, and if not, why.
 *
 * <p>The one place that the planner asks before it releases anything. Once a round may not start,
 * no later round of the same run may. Belongs to one stream task.
 */
public final class RunGate {
    private final CurrentAdapters adapters;
    private final CurrentRuns runs;

    private RunGate(CurrentAdapters adapters, CurrentRuns runs) {
        this.adapters = adapters;
        this.runs = runs;
    }

    /**
     * For processors of a topology that {@link CurrentAdapters#addTo} and {@link CurrentRuns#addTo}
     * were called on.
     */
    public static RunGate in(ProcessorContext<?, ?> context) {
        return new RunGate(CurrentAdapters.in(context), CurrentRuns.in(context));
    }

    /** Why prompts of this round have to wait; empty when they may be drawn. */
    public Optional<String> reasonToWait(String run, int round) {
        return RoundGate.isOpen(round, adapters.of(run))
                ? runs.reasonToWait(run)
                : Optional.of("round " + (round - 1) + " is not decided");
    }
}
