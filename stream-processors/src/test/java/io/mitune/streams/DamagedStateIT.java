package io.mitune.streams;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mitune.schemas.PromptRequest;
import io.mitune.streams.planner.PlannerTopology;
import io.mitune.streams.planner.TaskSplit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Local state that cannot be opened is made anew from the log, and nothing is done twice. */
class DamagedStateIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir Path dir;

    @Test
    void itIsReadAgainFromTheLog() throws Exception {
        try (var cluster = Cluster.start(dir.resolve("data"))) {
            var role = PlannerTopology.role(cluster.connection(), new TaskSplit(4, 2));
            var settings = StreamsSettings.of(cluster.connection(), dir.resolve("state"));
            var app = StreamsApp.start(role, settings);
            publish(cluster, Samples.prompt(0, 1, 4, 1).build());
            awaitTasks(cluster, 1);
            app.close();
            assertEquals(4, damageStores());
            var again = PlannerTopology.role(cluster.connection(), new TaskSplit(4, 2));
            app = StreamsApp.start(again, settings);
            publish(cluster, Samples.prompt(0, 1, 4, 1).build());
            publish(cluster, Samples.prompt(1, 1, 4, 1).build());
            awaitTasks(cluster, 2);
            app.close();
            var tasks = cluster.read(cluster.topics().generationTasks());
            assertEquals(2, tasks.size(), "the first prompt is planned once");
            assertEquals(List.of(), cluster.read(cluster.topics().deadLetters()));
        }
    }

    private static void publish(Cluster cluster, PromptRequest prompt) {
        cluster.send(cluster.topics().prompts(), prompt.getPromptId(), prompt);
        cluster.flush();
    }

    private static void awaitTasks(Cluster cluster, int count) {
        cluster.await(cluster.topics().generationTasks(), PATIENCE, r -> r.size() >= count);
    }

    /** RocksDB finds its files by this one. */
    private int damageStores() throws IOException {
        try (var files = Files.walk(dir.resolve("state"))) {
            var found = files.filter(f -> f.endsWith("rocksdb/planned-prompts/CURRENT")).toList();
            for (var file : found) {
                Files.writeString(file, "no such file");
            }
            return found.size();
        }
    }
}
