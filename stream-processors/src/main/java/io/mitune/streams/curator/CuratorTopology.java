package io.mitune.streams.curator;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import io.mitune.streams.Decoder;
import io.mitune.streams.StoreSerdes;
import io.mitune.streams.StreamsRole;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
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
 * releases ----+--> curate ---> curated
 * candidates --+    |    |
 * policies ---------+    +----> round-choices --> close-round --> curated
 * </pre>
 *
 * <p>A prompt's candidates are collected, each stored once, until all are in or its deadline passes
 * (which runs from when its first task is handed out, or the first candidate comes); then every
 * policy in force writes its records and the prompt is remembered as closed. Choices of policies
 * with rules for whole rounds wait in a second step, which sees all prompts of a round. A change of
 * policy that comes too late for the offset it asks for gets a later one, and that word goes to
 * policies.
 */
public final class CuratorTopology {
    static final String BOARDS = "open-boards";
    static final String REQUESTS = "board-requests";
    static final String CANDIDATES = "board-candidates";
    static final String RUNNING = "running-boards";
    static final String CLOSED = "closed-boards";
    static final String EFFECTS = "policy-effects";
    static final String ROUNDS = "rounds";
    static final String ROUND_PROMPTS = "round-prompts";
    static final String ROUND_CHOICES = "round-choices";

    static final String CURATED_SINK = "write-curated";
    static final String CHOICES_SINK = "write-round-choices";
    static final String EFFECTS_SINK = "write-policy-effects";

    private CuratorTopology() {}

    public static StreamsRole role(Connection connection, CurationConfig config) {
        // the planner answers for bad prompts
        var watched = Set.of(connection.topics().prompts().name());
        return new StreamsRole("curator", build(connection, config), watched);
    }

    static Topology build(Connection connection, CurationConfig config) {
        var topology = new Topology();
        addPrompts(topology, connection, config);
        addRounds(topology, connection, config);
        return KnownPolicies.addTo(topology, connection);
    }

    private static void addPrompts(
            Topology topology, Connection connection, CurationConfig config) {
        var topics = connection.topics();
        var decoder =
                Decoder.of(connection, topics.prompts(), topics.releases(), topics.candidates());
        source(topology, "read-prompts", topics.prompts());
        source(topology, "read-releases", topics.releases());
        source(topology, "read-candidates", topics.candidates());
        topology.addProcessor(
                        "curate",
                        () -> new CurateProcessor(config, decoder),
                        "read-prompts",
                        "read-releases",
                        "read-candidates")
                .addStateStore(store(BOARDS, Board.serde()), "curate")
                .addStateStore(
                        store(REQUESTS, StoreSerdes.of(connection, topics.prompts())), "curate")
                .addStateStore(
                        store(CANDIDATES, StoreSerdes.of(connection, topics.candidates())),
                        "curate")
                .addStateStore(store(RUNNING, Serdes.Long()), "curate")
                .addStateStore(store(CLOSED, Serdes.Long()), "curate")
                .addStateStore(store(EFFECTS, Serdes.Long()), "curate");
        sink(topology, CURATED_SINK, connection, topics.curated(), "curate");
        sink(topology, CHOICES_SINK, connection, topics.roundChoices(), "curate");
        sink(topology, EFFECTS_SINK, connection, topics.policies(), "curate");
    }

    private static void addRounds(Topology topology, Connection connection, CurationConfig config) {
        var topics = connection.topics();
        var decoder = Decoder.of(connection, topics.roundChoices());
        source(topology, "read-round-choices", topics.roundChoices());
        topology.addProcessor(
                        "close-round",
                        () -> new CloseRoundProcessor(config, decoder),
                        "read-round-choices")
                .addStateStore(store(ROUNDS, RoundBoard.serde()), "close-round")
                .addStateStore(store(ROUND_PROMPTS, Serdes.Long()), "close-round")
                .addStateStore(
                        store(ROUND_CHOICES, StoreSerdes.of(connection, topics.roundChoices())),
                        "close-round");
        sink(topology, "write-curated-rounds", connection, topics.curated(), "close-round");
    }

    private static void source(Topology topology, String name, Topic<?> topic) {
        topology.addSource(
                name, new StringDeserializer(), new ByteArrayDeserializer(), topic.name());
    }

    private static <V extends SpecificRecord> void sink(
            Topology topology,
            String name,
            Connection connection,
            Topic<V> topic,
            String processor) {
        topology.addSink(
                name,
                topic.name(),
                new StringSerializer(),
                connection.serde(topic.type()).serializer(),
                processor);
    }

    /** Cached, so that a board that fills quickly is written to its changelog once. */
    private static <V> StoreBuilder<KeyValueStore<String, V>> store(String name, Serde<V> value) {
        return Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(name), Serdes.String(), value)
                .withCachingEnabled();
    }
}
