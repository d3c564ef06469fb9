package io.mitune.streams;

import io.mitune.schemas.Connection;
import io.mitune.schemas.RunStatus;
import java.util.Optional;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/** Where every run stands, on every instance. Belongs to one stream task. */
public final class CurrentRuns {
    private static final String STORE = "current-runs";

    private final LatestByRun<RunStatus> latest;

    private CurrentRuns(LatestByRun<RunStatus> latest) {
        this.latest = latest;
    }

    /** Adds the store to a topology. */
    public static Topology addTo(Topology topology, Connection connection) {
        var topic = connection.topics().runStatus();
        return LatestByRun.addTo(
                topology, connection, topic, RunStatus::getRun, "read-run-status", STORE);
    }

    /** For processors of a topology that {@link #addTo} was called on. */
    public static CurrentRuns in(ProcessorContext<?, ?> context) {
        return new CurrentRuns(LatestByRun.in(context, STORE));
    }

    public Optional<RunStatus> of(String run) {
        return latest.of(run);
    }

    /** Why the run may not be given more work; empty when it may, or nobody has said anything. */
    public Optional<String> reasonToWait(String run) {
        return of(run).map(RunStatus::getWaits).filter(reason -> !reason.isEmpty());
    }
}
