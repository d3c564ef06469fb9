package io.mitune.app.local;

import io.mitune.app.cli.UserError;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.streams.curator.CurationConfig;
import io.mitune.streams.planner.TaskSplit;
import io.mitune.streams.promotion.PromotionRule;
import io.mitune.workers.TrainerRoleConfig;
import java.nio.file.Path;
import java.util.List;

/**
 * What runs in one JVM, and where its data lies. Immutable.
 *
 * @param dataDir holds broker, registry, blobs and stream stores; kept between runs
 * @param kafkaPort 0 for any free one
 * @param registryPort 0 for any free one
 * @param model directory of the diffusers model
 * @param load how the workers run it
 * @param workers how many workers share the cores
 * @param split how prompts become tasks
 * @param curation policies and deadline
 * @param promotion when an adapter comes into use
 * @param trainers one per run
 */
public record LocalSettings(
        Path dataDir,
        int kafkaPort,
        int registryPort,
        Path model,
        LoadOptions load,
        int workers,
        TaskSplit split,
        CurationConfig curation,
        PromotionRule promotion,
        List<TrainerRoleConfig> trainers) {

    private static final int MAX_WORKERS = 64;

    public LocalSettings {
        requireWorkers(workers);
        trainers = List.copyOf(trainers);
    }

    /** The same number, if so many workers can be. */
    public static int requireWorkers(int workers) {
        if (workers < 1 || workers > MAX_WORKERS) {
            throw new UserError(
                    "--workers: expected 1 to %d, found %d".formatted(MAX_WORKERS, workers));
        }
        return workers;
    }

    /** Cores for each tensor job. */
    int threadsPerJob() {
        return Math.max(1, Runtime.getRuntime().availableProcessors() / workers);
    }
}
