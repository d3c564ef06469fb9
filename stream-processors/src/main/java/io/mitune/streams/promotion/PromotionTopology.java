package io.mitune.streams.promotion;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import io.mitune.streams.Decoder;
import io.mitune.streams.StoreSerdes;
import io.mitune.streams.StreamsRole;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Decides which adapter each run is sampled with.
 *
 * <pre>
 * adapter-history (candidate, ...-requested) --+          +--> adapters (the current one)
 * evaluations ---------------------------------+--> promote --> adapter-history (the decision)
 * runs (thresholds, paused) -------------------+          +--> runs (paused by the guard)
 *
 * policies, run-status --> inspect (for the dead letters: their readers hold them in global stores)
 * </pre>
 *
 * <p>All topics have one partition: decisions on a run are made one after the other, in one place.
 */
public final class PromotionTopology {
    static final String VERSIONS = "adapter-versions";
    static final String EVALUATIONS = "adapter-evaluations";
    static final String DECIDED = "decided-versions";
    static final String CURRENT = "current-adapter";
    static final String SETTINGS = "run-settings";
    static final String GUARDED_FROM = "guarded-from";
    static final String TO_RUNS = "write-runs";
    static final String TO_ADAPTERS = "write-adapters";
    static final String TO_HISTORY = "write-decisions";

    private PromotionTopology() {}

    public static StreamsRole role(Connection connection, PromotionRule rule) {
        return new StreamsRole("promotion", build(connection, rule), watched(connection));
    }

    /** Bad settings are the keeper's to report. */
    private static Set<String> watched(Connection connection) {
        return Set.of(connection.topics().runs().name());
    }

    static Topology build(Connection connection, PromotionRule rule) {
        var topics = connection.topics();
        var decoder =
                Decoder.of(
                        connection, topics.adapterHistory(), topics.evaluations(), topics.runs());
        var event = connection.serde(topics.adapters().type());
        return addInspection(new Topology(), connection)
                .addSource(
                        "read-adapter-history",
                        new StringDeserializer(),
                        new ByteArrayDeserializer(),
                        topics.adapterHistory().name())
                .addSource(
                        "read-evaluations",
                        new StringDeserializer(),
                        new ByteArrayDeserializer(),
                        topics.evaluations().name())
                .addSource(
                        "read-runs",
                        new StringDeserializer(),
                        new ByteArrayDeserializer(),
                        topics.runs().name())
                .addProcessor(
                        "promote",
                        () -> new PromoteProcessor(rule, decoder),
                        "read-adapter-history",
                        "read-evaluations",
                        "read-runs")
                .addStateStore(store(VERSIONS, connection, topics.adapterHistory()), "promote")
                .addStateStore(store(EVALUATIONS, connection, topics.evaluations()), "promote")
                .addStateStore(store(DECIDED, connection, topics.adapterHistory()), "promote")
                .addStateStore(store(CURRENT, connection, topics.adapters()), "promote")
                .addStateStore(store(SETTINGS, connection, topics.runs()), "promote")
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                Stores.persistentKeyValueStore(GUARDED_FROM),
                                Serdes.String(),
                                Serdes.Integer()),
                        "promote")
                .addSink(
                        TO_RUNS,
                        topics.runs().name(),
                        new StringSerializer(),
                        connection.serde(topics.runs().type()).serializer(),
                        "promote")
                .addSink(
                        TO_ADAPTERS,
                        topics.adapters().name(),
                        new StringSerializer(),
                        event.serializer(),
                        "promote")
                .addSink(
                        TO_HISTORY,
                        topics.adapterHistory().name(),
                        new StringSerializer(),
                        event.serializer(),
                        "promote");
    }

    private static Topology addInspection(Topology topology, Connection connection) {
        var topics = connection.topics();
        var decoder = Decoder.of(connection, topics.policies(), topics.runStatus());
        return topology.addSource(
                        "read-policies",
                        new StringDeserializer(),
                        new ByteArrayDeserializer(),
                        topics.policies().name())
                .addSource(
                        "read-run-status",
                        new StringDeserializer(),
                        new ByteArrayDeserializer(),
                        topics.runStatus().name())
                .addProcessor(
                        "inspect",
                        () -> new InspectProcessor(decoder),
                        "read-policies",
                        "read-run-status");
    }

    private static <V extends SpecificRecord> StoreBuilder<KeyValueStore<String, V>> store(
            String name, Connection connection, Topic<V> topic) {
        return Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(name),
                Serdes.String(),
                StoreSerdes.of(connection, topic));
    }
}
