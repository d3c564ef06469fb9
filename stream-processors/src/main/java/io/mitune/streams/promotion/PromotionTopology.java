package io.mitune.streams.promotion;

import io.mitune.schemas.Connection;
import io.mitune.streams.Decoder;
import io.mitune.streams.StreamsRole;
import io.mitune.streams.TopologyStep;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;

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
        var topology = new Topology();
        addInspection(topology, connection);
        new TopologyStep(topology, connection, "promote")
                .reads("read-adapter-history", topics.adapterHistory())
                .reads("read-evaluations", topics.evaluations())
                .reads("read-runs", topics.runs())
                .does(() -> new PromoteProcessor(rule, decoder))
                .keeps(VERSIONS, topics.adapterHistory())
                .keeps(EVALUATIONS, topics.evaluations())
                .keeps(DECIDED, topics.adapterHistory())
                .keeps(CURRENT, topics.adapters())
                .keeps(SETTINGS, topics.runs())
                .keeps(TopologyStep.onDisk(GUARDED_FROM, Serdes.Integer()))
                .writes(TO_RUNS, topics.runs())
                .writes(TO_ADAPTERS, topics.adapters())
                .writes(TO_HISTORY, topics.adapterHistory());
        return topology;
    }

    private static void addInspection(Topology topology, Connection connection) {
        var topics = connection.topics();
        var decoder = Decoder.of(connection, topics.policies(), topics.runStatus());
        new TopologyStep(topology, connection, "inspect")
                .reads("read-policies", topics.policies())
                .reads("read-run-status", topics.runStatus())
                .does(() -> new InspectProcessor(decoder));
    }
}
