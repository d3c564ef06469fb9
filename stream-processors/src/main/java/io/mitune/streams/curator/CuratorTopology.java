package io.mitune.streams.curator;

import io.mitune.schemas.Connection;
import io.mitune.streams.Decoder;
import io.mitune.streams.StoreSerdes;
import io.mitune.streams.StreamsRole;
import io.mitune.streams.TopologyStep;
import java.util.Set;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;

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
 * (which runs from when workers get to it); then every policy in force writes its records and the
 * prompt is remembered as closed. Choices of policies with rules for whole rounds wait in a second
 * step, which sees all prompts of a round. A change of policy that comes too late for the offset it
 * asks for gets a later one, and that word goes to policies.
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
        var requests = StoreSerdes.of(connection, topics.prompts());
        var candidates = StoreSerdes.of(connection, topics.candidates());
        new TopologyStep(topology, connection, "curate")
                .reads("read-prompts", topics.prompts())
                .reads("read-releases", topics.releases())
                .reads("read-candidates", topics.candidates())
                .does(() -> new CurateProcessor(config, decoder))
                .keeps(cached(BOARDS, Board.serde()))
                .keeps(cached(REQUESTS, requests))
                .keeps(cached(CANDIDATES, candidates))
                .keeps(cached(RUNNING, Serdes.Long()))
                .keeps(cached(CLOSED, Serdes.Long()))
                .keeps(cached(EFFECTS, Serdes.Long()))
                .writes(CURATED_SINK, topics.curated())
                .writes(CHOICES_SINK, topics.roundChoices())
                .writes(EFFECTS_SINK, topics.policies());
    }

    private static void addRounds(Topology topology, Connection connection, CurationConfig config) {
        var choices = connection.topics().roundChoices();
        var decoder = Decoder.of(connection, choices);
        new TopologyStep(topology, connection, "close-round")
                .reads("read-round-choices", choices)
                .does(() -> new CloseRoundProcessor(config, decoder))
                .keeps(cached(ROUNDS, RoundBoard.serde()))
                .keeps(cached(ROUND_PROMPTS, Serdes.Long()))
                .keeps(cached(ROUND_CHOICES, StoreSerdes.of(connection, choices)))
                .writes("write-curated-rounds", connection.topics().curated());
    }

    /** So that a board that fills quickly is written to its changelog once. */
    private static <V> StoreBuilder<KeyValueStore<String, V>> cached(String name, Serde<V> value) {
        return TopologyStep.onDisk(name, value).withCachingEnabled();
    }
}
