package io.mitune.streams;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mitune.embedded.EmbeddedRegistry;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Topics;
import io.mitune.streams.curator.CurationConfig;
import io.mitune.streams.curator.CurationPolicy;
import io.mitune.streams.curator.CuratorTopology;
import io.mitune.streams.curator.PolicyEvents;
import io.mitune.streams.planner.PlannerTopology;
import io.mitune.streams.planner.TaskSplit;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A registry that does not answer must not turn good records into dead letters. */
class RegistryOutageIT {
    private static final Map<String, String> IMPATIENT =
            Map.of("max.retries", "1", "retries.wait.ms", "100");
    private static final CurationConfig CONFIG =
            new CurationConfig(
                    List.of(CurationPolicy.MI_MAX), Duration.ofMinutes(10), Duration.ofHours(5));

    @TempDir Path dir;

    @Test
    void aSilentRegistryIsWaitedFor() throws Exception {
        var file = dir.resolve("own-registry.log");
        var registry = EmbeddedRegistry.start(file, 0);
        var url = registry.url();
        try (var cluster = Cluster.start(dir.resolve("data"))) {
            var prompts = cluster.topics().prompts();
            var before = connect(cluster, url).serde(prompts.type()).serializer();
            var prompt = Samples.prompt(0, 1, 4, 1).build();
            cluster.sendRaw(
                    prompts, prompt.getPromptId(), before.serialize(prompts.name(), prompt));
            cluster.flush();
            registry.close();

            var connection = connect(cluster, url);
            var role = PlannerTopology.role(connection, new TaskSplit(4, 2));
            try (var app = StreamsApp.start(role, StreamsSettings.of(connection, dir))) {
                awaitReplacedThread(app);
                assertFalse(app.ended().toCompletableFuture().isDone());
                registry = EmbeddedRegistry.start(file, URI.create(url).getPort());
                var tasks =
                        cluster.await(
                                cluster.topics().generationTasks(),
                                Duration.ofMinutes(3),
                                r -> !r.isEmpty());
                assertEquals(1, tasks.size());
                assertEquals(List.of(), cluster.read(cluster.topics().deadLetters()));
            }
        } finally {
            registry.close();
        }
    }

    @Test
    void soIsItByAGlobalStore() throws Exception {
        var file = dir.resolve("own-registry.log");
        var registry = EmbeddedRegistry.start(file, 0);
        var url = registry.url();
        try (var cluster = Cluster.start(dir.resolve("data"))) {
            var policies = cluster.topics().policies();
            var event = PolicyEvents.of(CurationPolicy.MI_MAX);
            var before = connect(cluster, url).serde(policies.type()).serializer();
            cluster.sendRaw(policies, "mi-max/1", before.serialize(policies.name(), event));
            cluster.flush();
            registry.close();

            var connection = connect(cluster, url);
            var role = CuratorTopology.role(connection, CONFIG);
            var settings = StreamsSettings.of(connection, dir);
            var start = CompletableFuture.supplyAsync(() -> StreamsApp.start(role, settings));
            assertThrows(TimeoutException.class, () -> start.get(3, TimeUnit.SECONDS));
            registry = EmbeddedRegistry.start(file, URI.create(url).getPort());
            try (var app = start.get(3, TimeUnit.MINUTES)) {
                app.running().toCompletableFuture().get(3, TimeUnit.MINUTES);
            }
        } finally {
            registry.close();
        }
    }

    private static Connection connect(Cluster cluster, String registryUrl) {
        return new Connection(
                cluster.connection().bootstrapServers(),
                registryUrl,
                Topics.DEFAULT_PREFIX,
                IMPATIENT);
    }

    /** The failed-stream-threads metric counts the threads that the outage has cost. */
    private static void awaitReplacedThread(StreamsApp app) throws Exception {
        CompletableFuture.runAsync(
                        () -> {
                            while (failedThreads(app) < 1) {
                                LockSupport.parkNanos(20_000_000);
                            }
                        })
                .get(3, TimeUnit.MINUTES);
    }

    private static double failedThreads(StreamsApp app) {
        return app.sum(metric -> metric.name().equals("failed-stream-threads"));
    }
}
