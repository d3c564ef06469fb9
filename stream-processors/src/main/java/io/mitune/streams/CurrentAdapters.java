package io.mitune.streams;

import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Connection;
import java.util.Optional;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/** The current adapter of every run, on every instance. Belongs to one stream task. */
public final class CurrentAdapters {
    private static final String STORE = "current-adapters";

    private final LatestByRun<AdapterEvent> latest;

    private CurrentAdapters(LatestByRun<AdapterEvent> latest) {
        this.latest = latest;
    }

    /** Adds the store to a topology. */
    public static Topology addTo(Topology topology, Connection connection) {
        var topic = connection.topics().adapters();
        return LatestByRun.addTo(
                topology, connection, topic, AdapterEvent::getRun, "read-adapters", STORE);
    }

    /** For processors of a topology that {@link #addTo} was called on. */
    public static CurrentAdapters in(ProcessorContext<?, ?> context) {
        return new CurrentAdapters(LatestByRun.in(context, STORE));
    }

    public Optional<AdapterEvent> of(String run) {
        return latest.of(run);
    }
}
