package io.mitune.streams.runs;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import io.mitune.streams.CurrentRuns;
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
 * Keeps runs going: round after round, within their budgets.
 *
 * <pre>
 * prompts, candidates, evaluations --> part --> run-counts --------------------+
 *                                       ^ |                                    v
 *                                       | +--> prompts (of an opened round)   keep <-- runs,
 *                                       |                                      |       adapters,
 *                                       +------------------------ run-status --+       steps
 * </pre>
 *
 * <p>Parts work side by side; what concerns a whole run is decided in one place, on topics of one
 * partition. A part knows the newest round of each of its prompts, so that it publishes each prompt
 * of an opened round once, whenever it is killed. What a round draws is a function of the round
 * before; a clock decides only when.
 */
public final class RunsTopology {
    /** In an adapter's metrics: version of the settings that were written with it. */
    public static final String SETTINGS_VERSION = "settings_version";

    static final String PROMPTS = "newest-prompts";
    static final String PARTS = "counts-of-part";
    static final String SETTINGS = "settings-of-run";
    static final String COUNTS = "counts-of-run";
    static final String ADAPTERS = "adapter-of-run";
    static final String STEPS = "step-of-run";
    static final String STATUSES = "status-of-run";
    static final String TO_COUNTS = "write-counts";
    static final String TO_PROMPTS = "write-prompts";
    private static final String TO_STATUS = "write-status";
    private static final String PART = "part";
    private static final String KEEP = "keep";

    private RunsTopology() {}

    public static StreamsRole role(Connection connection) {
        var t = connection.topics();
        var others = Set.of(t.prompts().name(), t.candidates().name(), t.evaluations().name());
        return new StreamsRole("runs", build(connection), others);
    }

    static Topology build(Connection connection) {
        var topology = CurrentRuns.addTo(new Topology(), connection);
        addPart(topology, connection);
        addKeep(topology, connection);
        return topology;
    }

    private static void addPart(Topology topology, Connection connection) {
        var t = connection.topics();
        var decoder = Decoder.of(connection, t.prompts(), t.candidates(), t.evaluations());
        source(topology, "read-prompts", t.prompts());
        source(topology, "read-candidates", t.candidates());
        source(topology, "read-evaluations", t.evaluations());
        topology.addProcessor(
                        PART,
                        () -> new PartProcessor(decoder),
                        "read-prompts",
                        "read-candidates",
                        "read-evaluations")
                .addStateStore(store(PROMPTS, connection, t.prompts()), PART)
                .addStateStore(store(PARTS, connection, t.runCounts()), PART);
        sink(topology, TO_COUNTS, connection, t.runCounts(), PART);
        sink(topology, TO_PROMPTS, connection, t.prompts(), PART);
    }

    private static void addKeep(Topology topology, Connection connection) {
        var t = connection.topics();
        var decoder =
                Decoder.of(connection, t.runs(), t.runCounts(), t.adapters(), t.trainingSteps());
        source(topology, "read-runs", t.runs());
        source(topology, "read-counts", t.runCounts());
        source(topology, "read-adapters", t.adapters());
        source(topology, "read-training-steps", t.trainingSteps());
        topology.addProcessor(
                        KEEP,
                        () -> new KeepProcessor(decoder),
                        "read-runs",
                        "read-counts",
                        "read-adapters",
                        "read-training-steps")
                .addStateStore(store(SETTINGS, connection, t.runs()), KEEP)
                .addStateStore(store(COUNTS, connection, t.runCounts()), KEEP)
                .addStateStore(store(ADAPTERS, connection, t.adapters()), KEEP)
                .addStateStore(store(STEPS, connection, t.trainingSteps()), KEEP)
                .addStateStore(store(STATUSES, connection, t.runStatus()), KEEP);
        sink(topology, TO_STATUS, connection, t.runStatus(), KEEP);
    }

    private static void source(Topology topology, String name, Topic<?> topic) {
        topology.addSource(
                name, new StringDeserializer(), new ByteArrayDeserializer(), topic.name());
    }

    private static <V extends SpecificRecord> void sink(
            Topology topology, String name, Connection connection, Topic<V> topic, String parent) {
        var serializer = connection.serde(topic.type()).serializer();
        topology.addSink(name, topic.name(), new StringSerializer(), serializer, parent);
    }

    private static <V extends SpecificRecord> StoreBuilder<KeyValueStore<String, V>> store(
            String name, Connection connection, Topic<V> topic) {
        return Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(name),
                Serdes.String(),
                StoreSerdes.of(connection, topic));
    }
}
