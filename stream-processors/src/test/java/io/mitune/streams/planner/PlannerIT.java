package io.mitune.streams.planner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.Identity;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.Topic;
import io.mitune.streams.Cluster;
import io.mitune.streams.Samples;
import io.mitune.streams.StreamsApp;
import io.mitune.streams.StreamsSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The planner on a real broker: the window, an urgent batch, and a planner that loses its state.
 */
class PlannerIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** Two tasks for each of four stream tasks. */
    private static final PlannerConfig CONFIG =
            PlannerConfig.of(new TaskSplit(4, 4)).withMaxOpen(4 * 8);

    private static final int BACKLOG = 60;
    private static final int URGENT = 12;

    @TempDir Path dir;
    private Cluster cluster;
    private final Map<String, PromptRequest> sent = new HashMap<>();

    @Test
    void anUrgentBatchOvertakesTheBacklogAlsoAcrossARestart() throws Exception {
        cluster = Cluster.start(dir.resolve("data"));
        var planner = start("a");
        try {
            publish("backlog", BACKLOG, 0);
            awaitConsumed(cluster.topics().prompts(), BACKLOG);
            var first = tasks(8);
            assertEquals(8, first.size(), "the window is full");
            publish("urgent", URGENT, 7);
            awaitConsumed(cluster.topics().prompts(), BACKLOG + URGENT);
            assertEquals(8, cluster.read(cluster.topics().generationTasks()).size());

            planner.close();
            planner.ended().toCompletableFuture().get(1, TimeUnit.SECONDS);
            planner = start("b");
            var all = workOnAll(first);
            assertEquals(BACKLOG + URGENT, new HashSet<>(ids(all)).size());
            assertEquals(BACKLOG + URGENT, all.size(), "none twice");
            inOrder(all);
        } finally {
            planner.close();
            cluster.close();
        }
    }

    /** Answers each task when it is read, so that at most the window is under way. */
    private List<GenerationTask> workOnAll(List<GenerationTask> first) {
        var all = new ArrayList<GenerationTask>();
        var known = new HashSet<String>();
        List<GenerationTask> fresh = first;
        while (all.size() < BACKLOG + URGENT) {
            assertTrue(fresh.size() <= 8, "under way: " + fresh.size());
            fresh.forEach(this::answer);
            all.addAll(fresh);
            known.addAll(ids(fresh));
            if (all.size() < BACKLOG + URGENT) {
                fresh = tasks(all.size() + 1);
                fresh.removeIf(task -> known.contains(task.getTaskId()));
            }
        }
        return all;
    }

    private void answer(GenerationTask task) {
        var request = sent.get(task.getPromptId());
        for (int i = 0; i < task.getCount(); i++) {
            var candidate = Samples.candidate(request, task.getFirstIndex() + i, 1).build();
            cluster.send(cluster.topics().candidates(), task.getPromptId(), candidate);
        }
        cluster.flush();
    }

    /** In each partition: the two that were out already, all urgent ones, the rest. */
    private static void inOrder(List<GenerationTask> all) {
        var partitions = new TreeMap<Integer, List<Boolean>>();
        for (var task : all) {
            var key = task.getPromptId().getBytes(StandardCharsets.UTF_8);
            int partition = Utils.toPositive(Utils.murmur2(key)) % 4;
            partitions
                    .computeIfAbsent(partition, p -> new ArrayList<>())
                    .add(task.getBatch().equals("urgent"));
        }
        partitions.forEach(
                (partition, urgent) -> {
                    long n = urgent.stream().filter(u -> u).count();
                    int from = urgent.indexOf(true);
                    assertTrue(n == 0 || from == 2, "partition " + partition + ": " + urgent);
                    assertTrue(
                            n == 0 || urgent.lastIndexOf(true) == from + n - 1, urgent::toString);
                });
    }

    private StreamsApp start(String state) throws Exception {
        var connection = cluster.connection();
        var settings = StreamsSettings.of(connection, dir.resolve(state));
        var app = StreamsApp.start(PlannerTopology.role(connection, CONFIG), settings);
        app.running().toCompletableFuture().get(3, TimeUnit.MINUTES);
        return app;
    }

    private void publish(String batch, int prompts, int priority) {
        for (int i = 0; i < prompts; i++) {
            var text = batch + i;
            var request =
                    Samples.prompt(i, 1, 4, 1)
                            .setBatch(batch)
                            .setText(text)
                            .setPromptId(Identity.promptId(batch, i, text))
                            .setPriority(priority)
                            .build();
            sent.put(request.getPromptId(), request);
            cluster.send(cluster.topics().prompts(), request.getPromptId(), request);
        }
        cluster.flush();
    }

    private void awaitConsumed(Topic<?> topic, int records) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        try (var admin = Admin.create(cluster.connection().adminProperties())) {
            while (consumed(admin, topic) < records) {
                if (System.nanoTime() > end) {
                    fail("planner: expected it to have read %d records".formatted(records));
                }
                LockSupport.parkNanos(50_000_000);
            }
        }
    }

    private static long consumed(Admin admin, Topic<?> topic) throws Exception {
        return admin
                .listConsumerGroupOffsets("mitune-planner")
                .partitionsToOffsetAndMetadata()
                .get()
                .entrySet()
                .stream()
                .filter(e -> e.getKey().topic().equals(topic.name()) && e.getValue() != null)
                .mapToLong(e -> e.getValue().offset())
                .sum();
    }

    /** All tasks so far, at least {@code n}. */
    private List<GenerationTask> tasks(int n) {
        var topic = cluster.topics().generationTasks();
        var tasks = new ArrayList<GenerationTask>();
        cluster.await(topic, PATIENCE, r -> r.size() >= n)
                .forEach(record -> tasks.add(cluster.value(topic, record)));
        return tasks;
    }

    private static List<String> ids(List<GenerationTask> tasks) {
        return tasks.stream().map(GenerationTask::getTaskId).toList();
    }
}
