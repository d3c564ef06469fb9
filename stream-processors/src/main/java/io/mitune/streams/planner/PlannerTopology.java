package io.mitune.streams.planner;

import io.mitune.schemas.Connection;
import io.mitune.streams.CurrentAdapters;
import io.mitune.streams.Decoder;
import io.mitune.streams.StoreSerdes;
import io.mitune.streams.StreamsRole;
import java.util.Set;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/**
 * Turns prompts into work for the GPUs.
 *
 * <pre>
 * prompts ---> plan ---> generation-tasks
 *               |  (parked until the round before is decided)
 * adapters -----+
 * </pre>
 *
 * <p>A prompt is planned once per run and round, however often it is published; the record of that
 * is kept for ever (some 100 bytes a prompt).
 */
public final class PlannerTopology {
    static final String PLANNED = "planned-prompts";
    static final String PARKED = "parked-prompts";

    private PlannerTopology() {}

    public static StreamsRole role(Connection connection, TaskSplit split) {
        return new StreamsRole("planner", build(connection, split), Set.of());
    }

    static Topology build(Connection connection, TaskSplit split) {
        var topics = connection.topics();
        var prompts = topics.prompts();
        var tasks = topics.generationTasks();
        var decoder = Decoder.of(connection, prompts);
        var topology = CurrentAdapters.addTo(new Topology(), connection);
        return topology.addSource(
                        "read-prompts",
                        new StringDeserializer(),
                        new ByteArrayDeserializer(),
                        prompts.name())
                .addProcessor("plan", () -> new PlanProcessor(split, decoder), "read-prompts")
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                Stores.persistentKeyValueStore(PLANNED),
                                Serdes.String(),
                                Serdes.Long()),
                        "plan")
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                Stores.persistentKeyValueStore(PARKED),
                                Serdes.String(),
                                StoreSerdes.of(connection, prompts)),
                        "plan")
                .addSink(
                        "write-tasks",
                        tasks.name(),
                        new StringSerializer(),
                        connection.serde(tasks.type()).serializer(),
                        "plan");
    }
}
