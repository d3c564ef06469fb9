package io.mitune.streams;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.util.Optional;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The last record of every run, on every instance: a {@link GlobalStore} of a compacted topic.
 *
 * @param store run to its record
 */
record LatestByRun<V extends SpecificRecord>(KeyValueStore<String, V> store) {

    /**
     * Adds the store to a topology.
     *
     * @param what names the store and its nodes, such as current-adapters
     */
    static <V extends SpecificRecord> Topology addTo(
            Topology topology,
            Connection connection,
            Topic<V> topic,
            Function<V, String> run,
            String read,
            String what) {
        return GlobalStore.addTo(
                topology,
                connection,
                topic,
                read,
                what,
                (record, offset) -> RunKey.checked(record.key(), run.apply(record.value())));
    }

    static <V extends SpecificRecord> LatestByRun<V> in(
            ProcessorContext<?, ?> context, String what) {
        return new LatestByRun<>(context.getStateStore(what));
    }

    Optional<V> of(String run) {
        return Optional.ofNullable(store.get(run));
    }
}
