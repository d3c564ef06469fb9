package io.mitune.app.local;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.CommandLineRunner;
import io.mitune.app.TinyModel;
import io.mitune.app.metrics.RoleMetrics;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.streams.curator.CurationConfig;
import io.mitune.streams.planner.TaskSplit;
import io.mitune.streams.promotion.PromotionRule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All roles in one JVM, told to stop in the middle of their work. */
class LocalStackIT {
    private static final int WORKERS = 4;

    @TempDir Path folder;

    @Test
    void eachWorkerFinishesItsTaskAndTakesNoOther() throws Exception {
        var texts = IntStream.range(0, 200).mapToObj(i -> "a cat " + i);
        var prompts = folder.resolve("prompts.txt");
        Files.writeString(prompts, texts.collect(Collectors.joining("\n")));
        var settings =
                new LocalSettings(
                        folder.resolve("data"),
                        0,
                        0,
                        TinyModel.MODEL,
                        LoadOptions.plain(),
                        WORKERS,
                        new TaskSplit(1, 1),
                        CurationConfig.DEFAULT,
                        PromotionRule.DEFAULT,
                        List.of());
        try (var metrics = new RoleMetrics()) {
            int before;
            try (var stack = LocalStack.start(settings, metrics)) {
                CommandLineRunner.on(
                                stack.connection(),
                                "publish",
                                "--prompts=" + prompts,
                                "--candidates=1",
                                "--num-inference-steps=200")
                        .ok();
                long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(4);
                while (drawn(metrics) < WORKERS) {
                    assertTrue(System.nanoTime() < end, "expected candidates within 4 min");
                    LockSupport.parkNanos(1_000_000);
                }
                before = drawn(metrics);
            }
            int more = drawn(metrics) - before;
            assertTrue(more > 0 && more <= WORKERS, "drawn while it was stopped: " + more);
        }
    }

    private static int drawn(RoleMetrics metrics) {
        return metrics.scrape()
                .lines()
                .filter(line -> line.startsWith("mitune_candidates_total{"))
                .mapToInt(line -> (int) Double.parseDouble(line.split(" ")[1]))
                .sum();
    }
}
