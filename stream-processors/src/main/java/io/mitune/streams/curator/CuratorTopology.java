package io.mitune.streams.curator;

import io.mitune.schemas.Connection;
import io.mitune.streams.CurrentAdapters;
import io.mitune.streams.Decoder;
import io.mitune.streams.StoreSerdes;
import io.mitune.streams.StreamsRole;
import java.util.Set;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Chooses the best candidates of every prompt.
 *
 * <pre>
 * prompts -----+
 *              +--> curate ---> curated
 * candidates --+      |
 * adapters -----------+  (a round that waits has no deadline yet)
 * </pre>
 *
 * <p>A prompt's candidates are collected, each stored once, until all are in or its deadline
 * passes; then every policy writes its records and the prompt is remembered as closed.
 */
public final class CuratorTopology {
    static final String BOARDS = "open-boards";
    static final String REQUESTS = "board-requests";
    static final String CANDIDATES = "board-candidates";
    static final String CLOSED = "closed-boards";

    private CuratorTopology() {}

    public static StreamsRole role(Connection connection, CurationConfig config) {
        // the planner answers for bad prompts
        var watched = Set.of(connection.topics().prompts().name());
        return new StreamsRole("curator", build(connection, config), watched);
    }

    static Topology build(Connection connection, CurationConfig config) {
        var topics = connection.topics();
        var decoder = Decoder.of(connection, topics.prompts(), topics.candidates());
        var topology = CurrentAdapters.addTo(new Topology(), connection);
        topology.addSource(
                        "read-prompts",
                        new StringDeserializer(),
                        new ByteArrayDeserializer(),
                        topics.prompts().name())
                .addSource(
                        "read-candidates",
                        new StringDeserializer(),
                        new ByteArrayDeserializer(),
                        topics.candidates().name())
                .addProcessor(
                        "curate",
                        () -> new CurateProcessor(config, decoder),
                        "read-prompts",
                        "read-candidates")
                .addStateStore(store(BOARDS, Board.serde()), "curate")
                .addStateStore(
                        store(REQUESTS, StoreSerdes.of(connection, topics.prompts())), "curate")
                .addStateStore(
                        store(CANDIDATES, StoreSerdes.of(connection, topics.candidates())),
                        "curate")
                .addStateStore(store(CLOSED, Serdes.Long()), "curate")
                .addSink(
                        "write-curated",
                        topics.curated().name(),
                        new StringSerializer(),
                        connection.serde(topics.curated().type()).serializer(),
                        "curate");
        return topology;
    }

    /** Cached, so that a board that fills quickly is written to its changelog once. */
    private static <V> StoreBuilder<KeyValueStore<String, V>> store(String name, Serde<V> value) {
        return Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(name), Serdes.String(), value)
                .withCachingEnabled();
    }
}
