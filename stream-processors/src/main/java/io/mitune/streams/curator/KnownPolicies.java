package io.mitune.streams.curator;

import io.mitune.schemas.Connection;
import io.mitune.schemas.PolicyEvent;
import io.mitune.streams.GlobalStore;
import java.util.ArrayList;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The policies topic on every instance, in the order of the log: a {@link GlobalStore}. Belongs to
 * one stream thread.
 */
final class KnownPolicies {
    private static final String STORE = "known-policies";

    private final KeyValueStore<String, PolicyEvent> store;
    private PolicyHistory history = PolicyHistory.of(new ArrayList<>());
    private long entries;

    private KnownPolicies(KeyValueStore<String, PolicyEvent> store) {
        this.store = store;
    }

    /** Adds the store to a topology. */
    static Topology addTo(Topology topology, Connection connection) {
        return GlobalStore.addTo(
                topology,
                connection,
                connection.topics().policies(),
                "read-policies",
                STORE,
                (record, offset) -> {
                    PolicyEvents.check(record.value());
                    return "%019d".formatted(offset);
                });
    }

    /** For processors of a topology that {@link #addTo} was called on. */
    static KnownPolicies in(ProcessorContext<?, ?> context) {
        return new KnownPolicies(context.getStateStore(STORE));
    }

    /** All that is known now; the topic only grows, so its size says whether that changed. */
    PolicyHistory history() {
        long now = store.approximateNumEntries();
        if (now != entries) {
            var events = new ArrayList<PolicyEvent>();
            try (var all = store.all()) {
                all.forEachRemaining(entry -> events.add(entry.value));
            }
            history = PolicyHistory.of(events);
            entries = events.size();
        }
        return history;
    }
}
