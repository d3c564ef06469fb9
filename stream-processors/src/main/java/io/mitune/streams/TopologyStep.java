package io.mitune.streams;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * One processor of a topology with what it reads, keeps and writes, added in this order.
 *
 * <p>Every node and store is named by who adds it: names are part of the state on disk and of
 * changelog topics. Sources hand over bytes, see {@link Decoder}. Belongs to one thread.
 */
public final class TopologyStep {
    private final Topology topology;
    private final Connection connection;
    private final String name;
    private final List<String> sources = new ArrayList<>();

    /**
     * @param name of the processor
     */
    public TopologyStep(Topology topology, Connection connection, String name) {
        this.topology = topology;
        this.connection = connection;
        this.name = name;
    }

    public TopologyStep reads(String source, Topic<?> topic) {
        topology.addSource(
                source, new StringDeserializer(), new ByteArrayDeserializer(), topic.name());
        sources.add(source);
        return this;
    }

    /** The processor of all that is read. */
    public <K, V> TopologyStep does(ProcessorSupplier<String, byte[], K, V> processor) {
        topology.addProcessor(name, processor, sources.toArray(String[]::new));
        return this;
    }

    public TopologyStep keeps(StoreBuilder<?> store) {
        topology.addStateStore(store, name);
        return this;
    }

    /** Keeps records of a topic, on disk. */
    public TopologyStep keeps(String store, Topic<? extends SpecificRecord> topic) {
        return keeps(onDisk(store, StoreSerdes.of(connection, topic)));
    }

    public TopologyStep writes(String sink, Topic<? extends SpecificRecord> topic) {
        topology.addSink(
                sink,
                topic.name(),
                new StringSerializer(),
                connection.serde(topic.type()).serializer(),
                name);
        return this;
    }

    /** A store that may grow beyond the memory. */
    public static <V> StoreBuilder<KeyValueStore<String, V>> onDisk(String name, Serde<V> value) {
        return Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(name), Serdes.String(), value);
    }

    /** A store that stays small. */
    public static <V> StoreBuilder<KeyValueStore<String, V>> inMemory(String name, Serde<V> value) {
        return Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore(name), Serdes.String(), value);
    }
}
