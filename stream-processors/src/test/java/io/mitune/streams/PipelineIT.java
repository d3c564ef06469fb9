package io.mitune.streams;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.PromptRequest;
import io.mitune.streams.curator.CurationConfig;
import io.mitune.streams.curator.CuratorTopology;
import io.mitune.streams.planner.PlannerTopology;
import io.mitune.streams.planner.TaskSplit;
import io.mitune.streams.promotion.PromotionRule;
import io.mitune.streams.promotion.PromotionTopology;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Planner, promotion and curator together on a real broker, which is stopped on the way. */
class PipelineIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final TaskSplit SPLIT = new TaskSplit(4, 2);

    @TempDir Path dir;

    @Test
    void aParkedRoundSurvivesALostStateAndABrokerRestart() throws Exception {
        var data = dir.resolve("data");
        var cluster = Cluster.start(data);
        var connection = cluster.connection();
        var promotion =
                start(PromotionTopology.role(connection, PromotionRule.DEFAULT), cluster, "a");
        var planner = start(PlannerTopology.role(connection, SPLIT), cluster, "b");
        try {
            var first = Samples.prompt(0, 1, 8, 1).build();
            var second = Samples.prompt(0, 2, 8, 1).build();
            publish(cluster, first);
            publish(cluster, second);
            publish(cluster, second);
            assertEquals(List.of(1, 1), rounds(cluster, 2));

            // the next planner has to find the parked prompt in its changelog
            planner.close();
            planner.ended().toCompletableFuture().get(1, TimeUnit.SECONDS);
            planner = start(PlannerTopology.role(connection, SPLIT), cluster, "c");

            cluster.close();
            cluster = Cluster.restart(data, connection);
            var topics = cluster.topics();
            cluster.send(topics.evaluations(), "main", Samples.evaluation(0, 0, 1, 5).build());
            cluster.send(
                    topics.adapterHistory(), "main", Samples.adapter(1, 1, "candidate").build());
            cluster.send(topics.evaluations(), "main", Samples.evaluation(1, 1, 2, 6).build());
            cluster.flush();
            assertEquals(List.of(1, 1, 2, 2), rounds(cluster, 4));
            var tasks = tasks(cluster, 4);
            assertEquals(1, tasks.get(3).getAdapterVersion());
            assertNotNull(tasks.get(3).getAdapter());
            assertEquals(1, cluster.read(topics.adapters()).size());
            // candidate and decision
            assertEquals(2, cluster.read(topics.adapterHistory()).size());
        } finally {
            planner.close();
            promotion.close();
            cluster.close();
        }
    }

    @Test
    void missingTopicsEndTheApplicationWithAnError() throws Exception {
        try (var cluster = Cluster.start(dir.resolve("data"))) {
            var other =
                    new io.mitune.schemas.Connection(
                            cluster.connection().bootstrapServers(),
                            cluster.connection().schemaRegistryUrl(),
                            "absent.",
                            java.util.Map.of());
            var settings = StreamsSettings.of(other, dir.resolve("state"));
            var role = CuratorTopology.role(other, CurationConfig.DEFAULT);
            var e =
                    assertThrows(
                            Exception.class,
                            () -> {
                                try (var app = StreamsApp.start(role, settings)) {
                                    app.ended().toCompletableFuture().get(3, TimeUnit.MINUTES);
                                }
                            });
            assertTrue(e.toString().contains("absent."), e.toString());
        }
    }

    private StreamsApp start(StreamsRole role, Cluster cluster, String state) throws Exception {
        var app =
                StreamsApp.start(
                        role, StreamsSettings.of(cluster.connection(), dir.resolve(state)));
        app.running().toCompletableFuture().get(3, TimeUnit.MINUTES);
        return app;
    }

    private static void publish(Cluster cluster, PromptRequest request) {
        cluster.send(cluster.topics().prompts(), request.getPromptId(), request);
        cluster.flush();
    }

    private static List<Integer> rounds(Cluster cluster, int n) {
        return tasks(cluster, n).stream().map(GenerationTask::getRound).toList();
    }

    private static List<GenerationTask> tasks(Cluster cluster, int n) {
        var topic = cluster.topics().generationTasks();
        return cluster.await(topic, PATIENCE, r -> r.size() >= n).stream()
                .map(r -> cluster.value(topic, r))
                .sorted(java.util.Comparator.comparingInt(GenerationTask::getRound))
                .toList();
    }
}
