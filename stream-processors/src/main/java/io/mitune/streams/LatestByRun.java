package io.mitune.streams;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import io.mitune.schemas.serde.RegistryUnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.apache.avro.specific.SpecificRecord;
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
 * The last record of every run, on every instance: a global store fed by a compacted topic.
 *
 * <p>Values are decoded here and not by the source, because Kafka Streams has no dead letters for
 * global stores: a record that cannot be read is logged and passed over.
 *
 * @param store run to its record
 */
record LatestByRun<V extends SpecificRecord>(KeyValueStore<String, V> store) {
    private static final Logger log = LoggerFactory.getLogger(LatestByRun.class);
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);

    /**
     * Adds the store to a topology.
     *
     * @param what names the store and its nodes, such as current-adapters
     */
    static <V extends SpecificRecord> Topology addTo(
            Topology topology, Connection connection, Topic<V> topic, String read, String what) {
        var builder =
                Stores.keyValueStoreBuilder(
                                Stores.inMemoryKeyValueStore(what),
                                Serdes.String(),
                                StoreSerdes.of(connection, topic))
                        .withLoggingDisabled();
        var deserializer = connection.serde(topic.type()).deserializer();
        return topology.addGlobalStore(
                builder,
                read,
                new StringDeserializer(),
                new ByteArrayDeserializer(),
                topic.name(),
                "keep-" + what,
                () -> new Update<V>(deserializer, topic.name(), what));
    }

    static <V extends SpecificRecord> LatestByRun<V> in(
            ProcessorContext<?, ?> context, String what) {
        return new LatestByRun<>(context.getStateStore(what));
    }

    Optional<V> of(String run) {
        return Optional.ofNullable(store.get(run));
    }

    private static final class Update<V extends SpecificRecord>
            implements Processor<String, byte[], Void, Void> {
        private final Deserializer<V> deserializer;
        private final String topic;
        private final String storeName;
        private KeyValueStore<String, V> store;

        Update(Deserializer<V> deserializer, String topic, String storeName) {
            this.deserializer = deserializer;
            this.topic = topic;
            this.storeName = storeName;
        }

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            store = context.getStateStore(storeName);
        }

        @Override
        public void process(Record<String, byte[]> record) {
            try {
                store.put(record.key(), decode(record.value()));
            } catch (SerializationException e) {
                log.warn("{}: run {}: passed over: {}", topic, record.key(), e.getMessage());
            }
        }

        /** Waits here for a silent registry: Kafka Streams never replaces this thread. */
        private V decode(byte[] value) {
            while (true) {
                try {
                    return deserializer.deserialize(topic, value);
                } catch (RegistryUnavailableException e) {
                    if (Thread.currentThread().isInterrupted()) {
                        throw e;
                    }
                    log.warn("{}: waits for the registry: {}", topic, e.getMessage());
                    LockSupport.parkNanos(RETRY_PAUSE.toNanos());
                }
            }
        }
    }
}
