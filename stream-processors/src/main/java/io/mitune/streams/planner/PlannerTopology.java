package io.mitune.streams.planner;

import static io.mitune.streams.TopologyStep.inMemory;
import static io.mitune.streams.TopologyStep.onDisk;

import io.mitune.schemas.Connection;
import io.mitune.streams.CurrentAdapters;
import io.mitune.streams.CurrentRuns;
import io.mitune.streams.Decoder;
import io.mitune.streams.StoreSerdes;
import io.mitune.streams.StreamsRole;
import io.mitune.streams.TopologyStep;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;

/**
 * Turns prompts into work for the GPUs, no faster than it is done.
 *
 * <pre>
 * prompts -----+
 *              +--> plan ---> generation-tasks, releases
 * candidates --+      |
 * adapters -----------+  (a round waits until the one before is decided)
 * run-status ---------+  (a run waits that is paused or has spent its budget)
 * </pre>
 *
 * <p>What is in the tasks topic is done in any order. So prompts wait here, and tasks are handed
 * out only while few candidates are under way: by priority, and batches of one priority in turns.
 * The candidates topic says what came. A prompt is planned once per run and round, however often it
 * is published.
 *
 * <p>Each stream task, which is a partition of prompts, has an order and an equal part of the
 * window of its own; a batch's prompts are spread over all of them.
 */
public final class PlannerTopology {
    static final String PLANNED = "planned-prompts";
    static final String WAITING = "waiting-prompts";
    static final String STARTED = "started-prompts";
    static final String LANES = "lanes";
    static final String OPEN = "open-candidates";

    static final String TASKS_SINK = "write-tasks";
    static final String RELEASES_SINK = "write-releases";

    private PlannerTopology() {}

    /** For a farm of unknown size; see {@link PlannerConfig#of}. */
    public static StreamsRole role(Connection connection, TaskSplit split) {
        return role(connection, PlannerConfig.of(split));
    }

    public static StreamsRole role(Connection connection, PlannerConfig config) {
        // the curator answers for bad candidates
        var watched = Set.of(connection.topics().candidates().name());
        return new StreamsRole("planner", build(connection, config), watched);
    }

    static Topology build(Connection connection, PlannerConfig config) {
        var topics = connection.topics();
        var prompts = topics.prompts();
        var candidates = topics.candidates();
        var tasks = topics.generationTasks();
        var decoder = Decoder.of(connection, prompts, candidates);
        var topology = CurrentAdapters.addTo(new Topology(), connection);
        CurrentRuns.addTo(topology, connection);
        new TopologyStep(topology, connection, "plan")
                .reads("read-prompts", prompts)
                .reads("read-candidates", candidates)
                .does(() -> new PlanProcessor(config, decoder))
                .keeps(onDisk(PLANNED, Serdes.Long())) // these two grow with the prompts
                .keeps(WAITING, prompts)
                .keeps(inMemory(STARTED, StoreSerdes.of(connection, tasks))) // with the window
                .keeps(inMemory(LANES, Serdes.ByteArray())) // with the batches that wait
                .keeps(inMemory(OPEN, Serdes.Long()))
                .writes(TASKS_SINK, tasks)
                .writes(RELEASES_SINK, topics.releases());
        return topology;
    }
}
