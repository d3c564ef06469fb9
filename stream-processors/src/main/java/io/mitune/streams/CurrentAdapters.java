package io.mitune.streams;

import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Connection;
import java.util.Optional;
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
 * The current adapter of every run, on every instance: a global store fed by the adapters topic.
 *
 * <p>Values are decoded here and not by the source, because Kafka Streams has no dead letters for
 * global stores: a record that cannot be read is logged and passed over.
 */
public final class CurrentAdapters {
    private static final Logger log = LoggerFactory.getLogger(CurrentAdapters.class);
    private static final String STORE = "current-adapters";

    private final KeyValueStore<String, AdapterEvent> store;

    private CurrentAdapters(KeyValueStore<String, AdapterEvent> store) {
        this.store = store;
    }

    /** Adds the store to a topology. */
    public static Topology addTo(Topology topology, Connection connection) {
        var topic = connection.topics().adapters();
        var builder =
                Stores.keyValueStoreBuilder(
                                Stores.inMemoryKeyValueStore(STORE),
                                Serdes.String(),
                                StoreSerdes.of(connection, topic))
                        .withLoggingDisabled();
        return topology.addGlobalStore(
                builder,
                "read-adapters",
                new StringDeserializer(),
                new ByteArrayDeserializer(),
                topic.name(),
                "keep-current-adapters",
                () -> new Update(connection.serde(topic.type()).deserializer(), topic.name()));
    }

    /** For processors of a topology that {@link #addTo} was called on. */
    public static CurrentAdapters in(ProcessorContext<?, ?> context) {
        return new CurrentAdapters(context.getStateStore(STORE));
    }

    public Optional<AdapterEvent> of(String run) {
        return Optional.ofNullable(store.get(run));
    }

    private static final class Update implements Processor<String, byte[], Void, Void> {
        private final Deserializer<AdapterEvent> deserializer;
        private final String topic;
        private KeyValueStore<String, AdapterEvent> store;

        Update(Deserializer<AdapterEvent> deserializer, String topic) {
            this.deserializer = deserializer;
            this.topic = topic;
        }

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            store = context.getStateStore(STORE);
        }

        @Override
        public void process(Record<String, byte[]> record) {
            try {
                store.put(record.key(), deserializer.deserialize(topic, record.value()));
            } catch (SerializationException e) {
                log.warn("{}: run {}: passed over: {}", topic, record.key(), e.getMessage());
            }
        }
    }
}
