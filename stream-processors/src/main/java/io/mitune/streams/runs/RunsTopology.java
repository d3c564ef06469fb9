package io.mitune.streams.runs;

import io.mitune.schemas.Connection;
import io.mitune.streams.CurrentRuns;
import io.mitune.streams.Decoder;
import io.mitune.streams.StreamsRole;
import io.mitune.streams.TopologyStep;
import java.util.Set;
import org.apache.kafka.streams.Topology;

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
 * <p>Training counts where its steps are read; what parts and training spent adds up to what a
 * budget is held against. Parts work side by side; what concerns a whole run is decided in one
 * place, on topics of one partition. A part knows the newest round of each of its prompts, so that
 * it publishes each prompt of an opened round once, whenever it is killed. What a round draws is a
 * function of the round before; a clock decides only when.
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
        new TopologyStep(topology, connection, "part")
                .reads("read-prompts", t.prompts())
                .reads("read-candidates", t.candidates())
                .reads("read-evaluations", t.evaluations())
                .does(() -> new PartProcessor(decoder))
                .keeps(PROMPTS, t.prompts())
                .keeps(PARTS, t.runCounts())
                .writes(TO_COUNTS, t.runCounts())
                .writes(TO_PROMPTS, t.prompts());
    }

    private static void addKeep(Topology topology, Connection connection) {
        var t = connection.topics();
        var decoder =
                Decoder.of(connection, t.runs(), t.runCounts(), t.adapters(), t.trainingSteps());
        new TopologyStep(topology, connection, "keep")
                .reads("read-runs", t.runs())
                .reads("read-counts", t.runCounts())
                .reads("read-adapters", t.adapters())
                .reads("read-training-steps", t.trainingSteps())
                .does(() -> new KeepProcessor(decoder))
                .keeps(SETTINGS, t.runs())
                .keeps(COUNTS, t.runCounts())
                .keeps(ADAPTERS, t.adapters())
                .keeps(STEPS, t.trainingSteps())
                .keeps(STATUSES, t.runStatus())
                .writes("write-status", t.runStatus());
    }
}
