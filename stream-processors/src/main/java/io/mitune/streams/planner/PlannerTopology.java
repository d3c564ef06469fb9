package io.mitune.streams.planner;

import io.mitune.schemas.Connection;
import io.mitune.streams.CurrentAdapters;
import io.mitune.streams.CurrentRuns;
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
        topology.addSource(
                        "read-prompts",
                        new StringDeserializer(),
                        new ByteArrayDeserializer(),
                        prompts.name())
                .addSource(
                        "read-candidates",
                        new StringDeserializer(),
                        new ByteArrayDeserializer(),
                        candidates.name())
                .addProcessor(
                        "plan",
                        () -> new PlanProcessor(config, decoder),
                        "read-prompts",
                        "read-candidates")
                .addStateStore(onDisk(PLANNED, Serdes.Long()), "plan")
                .addStateStore(onDisk(WAITING, StoreSerdes.of(connection, prompts)), "plan")
                .addStateStore(inMemory(STARTED, StoreSerdes.of(connection, tasks)), "plan")
                .addStateStore(inMemory(LANES, Serdes.ByteArray()), "plan")
                .addStateStore(inMemory(OPEN, Serdes.Long()), "plan")
                .addSink(
                        TASKS_SINK,
                        tasks.name(),
                        new StringSerializer(),
                        connection.serde(tasks.type()).serializer(),
                        "plan")
                .addSink(
                        RELEASES_SINK,
                        topics.releases().name(),
                        new StringSerializer(),
                        connection.serde(topics.releases().type()).serializer(),
                        "plan");
        return topology;
    }

    /** Grows with the prompts. */
    private static <V> StoreBuilder<KeyValueStore<String, V>> onDisk(String name, Serde<V> value) {
        return Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(name), Serdes.String(), value);
    }

    /** Grows with the batches that wait, or with the window. */
    private static <V> StoreBuilder<KeyValueStore<String, V>> inMemory(
            String name, Serde<V> value) {
        return Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore(name), Serdes.String(), value);
    }
}
