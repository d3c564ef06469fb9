package io.mitune.streams;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import io.mitune.schemas.serde.RegistryUnavailableException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
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
 * A whole topic on every instance: a global store in memory.
 *
 * <p>Kafka Streams has no dead letters for global stores. So a record that cannot be read, or that
 * the rule refuses, is passed over here, and a topology that reads the topic as its source sets it
 * aside, once for all instances.
 */
public final class GlobalStore {
    private static final Logger log = LoggerFactory.getLogger(GlobalStore.class);
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);

    private GlobalStore() {}

    /** Says where a record is kept. */
    @FunctionalInterface
    public interface Rule<V> {
        /**
         * The key in the store.
         *
         * @throws BadRecordException when the record makes no sense
         */
        String key(Record<String, V> record, long offset);
    }

    /**
     * Adds the store to a topology.
     *
     * @param read name of the source
     * @param store name of the store, and end of its processor's name
     */
    public static <V extends SpecificRecord> Topology addTo(
            Topology topology,
            Connection connection,
            Topic<V> topic,
            String read,
            String store,
            Rule<V> rule) {
        var builder =
                Stores.keyValueStoreBuilder(
                                Stores.inMemoryKeyValueStore(store),
                                Serdes.String(),
                                StoreSerdes.of(connection, topic))
                        .withLoggingDisabled();
        var decoder = Decoder.of(connection, topic);
        return topology.addGlobalStore(
                builder,
                read,
                new StringDeserializer(),
                new ByteArrayDeserializer(),
                topic.name(),
                "keep-" + store,
                () -> new Update<>(decoder, topic, store, rule));
    }

    private static final class Update<V extends SpecificRecord>
            implements Processor<String, byte[], Void, Void> {
        private final Decoder decoder;
        private final Topic<V> topic;
        private final String storeName;
        private final Rule<V> rule;
        private ProcessorContext<Void, Void> context;
        private KeyValueStore<String, V> store;

        Update(Decoder decoder, Topic<V> topic, String storeName, Rule<V> rule) {
            this.decoder = decoder;
            this.topic = topic;
            this.storeName = storeName;
            this.rule = rule;
        }

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            this.context = context;
            store = context.getStateStore(storeName);
        }

        @Override
        public void process(Record<String, byte[]> record) {
            long offset = context.recordMetadata().orElseThrow().offset();
            try {
                var value = decode(record.value());
                store.put(rule.key(record.withValue(value), offset), value);
            } catch (BadRecordException e) {
                log.warn("{}@{}: passed over: {}", topic.name(), offset, e.getMessage());
            }
        }

        /** Waits here for a silent registry: Kafka Streams never replaces this thread. */
        private V decode(byte[] bytes) {
            while (true) {
                try {
                    return topic.type().cast(decoder.decode(context, bytes));
                } catch (RegistryUnavailableException e) {
                    if (Thread.currentThread().isInterrupted()) {
                        throw e;
                    }
                    log.warn("{}: waits for the registry: {}", topic.name(), e.getMessage());
                    LockSupport.parkNanos(RETRY_PAUSE.toNanos());
                }
            }
        }
    }
}
