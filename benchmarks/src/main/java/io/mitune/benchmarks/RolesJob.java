package io.mitune.benchmarks;

import io.mitune.app.local.LocalSettings;
import io.mitune.app.local.LocalStack;
import io.mitune.app.metrics.RoleMetrics;
import io.mitune.diffusion.adapter.DoraConfig;
import io.mitune.diffusion.model.Family;
import io.mitune.diffusion.training.BatchPlan;
import io.mitune.diffusion.training.TrainingConfig;
import io.mitune.streams.curator.CurationConfig;
import io.mitune.streams.planner.TaskSplit;
import io.mitune.streams.promotion.PromotionRule;
import io.mitune.workers.TrainerRoleConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Every role in this process, as {@code mitune up} starts them: from the start of the broker to the
 * last optimizer step of an adapter on what was curated. Worker and trainer have a model each.
 */
final class RolesJob {
    private static final Duration PATIENCE = Duration.ofHours(1);
    private static final String RUN = "roles";

    private final Settings settings;

    RolesJob(Settings settings) {
        this.settings = settings;
    }

    Measurement run() {
        long begin = System.nanoTime();
        try (var scratch = MiniStream.scratch();
                var stack = LocalStack.start(local(scratch.path()), new RoleMetrics())) {
            round(stack);
            return new Measurement(
                    (System.nanoTime() - begin) / 1e9,
                    settings.prompts() * settings.count(),
                    Map.of("training_steps", (double) stack.log().state().steps(RUN).size()));
        }
    }

    private void round(LocalStack stack) {
        MiniStream.publish(stack.connection(), RUN, settings);
        var state = stack.log().state();
        var broken = stack.broken().toCompletableFuture();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (state.steps(RUN).size() < settings.steps()) {
            if (broken.isDone()) {
                broken.join(); // throws what broke
            }
            if (state.deadLetters() > 0 || System.nanoTime() > end) {
                throw new IllegalStateException(
                        "roles: expected %d optimizer steps within %d min and no dead letter, found %d"
                                .formatted(
                                        settings.steps(),
                                        PATIENCE.toMinutes(),
                                        state.steps(RUN).size()));
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    private LocalSettings local(Path directory) {
        var training =
                TrainingConfig.official(Family.of(settings.model()))
                        .with(
                                c -> {
                                    c.adapter = DoraConfig.dora(settings.rank());
                                    c.batches = new BatchPlan(1, 1, settings.steps());
                                    c.dtype = settings.dtype();
                                });
        var validation =
                new TrainerRoleConfig.Validation(
                        List.of(settings.prompt()), 1, 0, MiniStream.sampling(settings), 1);
        return new LocalSettings(
                directory,
                0,
                0,
                settings.model(),
                settings.fp32Decoder(),
                1,
                new TaskSplit(settings.batch(), settings.batch()),
                CurationConfig.DEFAULT,
                PromotionRule.DEFAULT,
                List.of(TrainerRoleConfig.of(RUN, settings.model(), training, validation)));
    }
}
