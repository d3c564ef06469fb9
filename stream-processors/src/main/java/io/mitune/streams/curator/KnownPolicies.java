package io.mitune.streams.curator;

import io.mitune.schemas.Connection;
import io.mitune.schemas.PolicyEvent;
import io.mitune.streams.StoreSerdes;
import java.util.ArrayList;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policies topic on every instance: a global store, in the order of the log.
 *
 * <p>A record that cannot be read or makes no sense is logged and passed over: Kafka Streams has no
 * dead letters for global stores. Belongs to one stream thread.
 */
final class KnownPolicies {
    private static final Logger log = LoggerFactory.getLogger(KnownPolicies.class);
    private static final String STORE = "known-policies";

    private final KeyValueStore<String, PolicyEvent> store;
    private PolicyHistory history = PolicyHistory.of(new ArrayList<>());
    private long entries;

    private KnownPolicies(KeyValueStore<String, PolicyEvent> store) {
        this.store = store;
    }

    /** Adds the store to a topology. */
    static Topology addTo(Topology topology, Connection connection) {
        var topic = connection.topics().policies();
        var builder =
                Stores.keyValueStoreBuilder(
                                Stores.inMemoryKeyValueStore(STORE),
                                Serdes.String(),
                                StoreSerdes.of(connection, topic))
                        .withLoggingDisabled();
        return topology.addGlobalStore(
                builder,
                "read-policies",
                new StringDeserializer(),
                new ByteArrayDeserializer(),
                topic.name(),
                "keep-policies",
                () -> new Update(connection.serde(topic.type()).deserializer(), topic.name()));
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

    private static final class Update implements Processor<String, byte[], Void, Void> {
        private final Deserializer<PolicyEvent> deserializer;
        private final String topic;
        private ProcessorContext<Void, Void> context;
        private KeyValueStore<String, PolicyEvent> store;

        Update(Deserializer<PolicyEvent> deserializer, String topic) {
            this.deserializer = deserializer;
            this.topic = topic;
        }

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            this.context = context;
            store = context.getStateStore(STORE);
        }

        @Override
        public void process(Record<String, byte[]> record) {
            long offset = context.recordMetadata().orElseThrow().offset();
            try {
                var event = deserializer.deserialize(topic, record.value());
                if (event == null) {
                    log.warn("{}@{}: passed over: expected a value, found none", topic, offset);
                    return;
                }
                PolicyEvents.fault(event)
                        .ifPresentOrElse(
                                fault -> log.warn("{}@{}: passed over: {}", topic, offset, fault),
                                () -> store.put("%019d".formatted(offset), event));
            } catch (SerializationException e) {
                log.warn("{}@{}: passed over: {}", topic, offset, e.getMessage());
            }
        }
    }
}
