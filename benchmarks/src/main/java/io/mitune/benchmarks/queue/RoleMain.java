package io.mitune.benchmarks.queue;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topics;
import io.mitune.streams.StreamsApp;
import io.mitune.streams.StreamsSettings;
import io.mitune.streams.curator.CurationConfig;
import io.mitune.streams.curator.CuratorTopology;
import io.mitune.streams.planner.PlannerConfig;
import io.mitune.streams.planner.PlannerTopology;
import io.mitune.streams.planner.TaskSplit;
import java.nio.file.Path;
import java.util.Map;

/**
 * Planner or curator as a process: {@code RoleMain planner|curator BOOTSTRAP REGISTRY STATE_DIR
 * CANDIDATES_PER_TASK}. Ends with the process that started it.
 */
public final class RoleMain {
    private RoleMain() {}

    /** Runs the role until it is terminated. */
    public static void main(String[] args) {
        var connection = new Connection(args[1], args[2], Topics.DEFAULT_PREFIX, Map.of());
        int perTask = Integer.parseInt(args[4]);
        var role =
                args[0].equals("planner")
                        ? PlannerTopology.role(
                                connection, PlannerConfig.of(new TaskSplit(perTask, perTask)))
                        : CuratorTopology.role(connection, CurationConfig.DEFAULT);
        var app = StreamsApp.start(role, StreamsSettings.of(connection, Path.of(args[3])));
        Runtime.getRuntime().addShutdownHook(new Thread(app::close, "stop"));
        app.running().toCompletableFuture().join();
        System.out.println("ready " + args[0]);
        ProcessHandle.current()
                .parent()
                .ifPresent(parent -> parent.onExit().thenRun(() -> System.exit(0)));
    }
}
