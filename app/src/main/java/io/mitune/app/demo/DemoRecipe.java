package io.mitune.app.demo;

import io.mitune.app.local.LocalSettings;
import io.mitune.diffusion.adapter.DoraConfig;
import io.mitune.diffusion.model.Family;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.training.BatchPlan;
import io.mitune.diffusion.training.LearningRateSchedule;
import io.mitune.diffusion.training.LearningRateSchedule.Kind;
import io.mitune.diffusion.training.LossConfig;
import io.mitune.diffusion.training.TrainingConfig;
import io.mitune.producers.Prompt;
import io.mitune.schemas.SamplingSettings;
import io.mitune.streams.curator.CurationConfig;
import io.mitune.streams.curator.CurationPolicy;
import io.mitune.streams.planner.TaskSplit;
import io.mitune.streams.promotion.PromotionRule;
import io.mitune.workers.TrainerRoleConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * The settings under which the demo model gains by MI-TUNE, measured and stated in its model card.
 *
 * <p>A small learning rate, min-SNR weighting and caption dropout matter: twice the rate without
 * dropout makes the model worse. Stateless.
 */
final class DemoRecipe {
    private static final int RANK = 16;
    private static final int BATCH = 32;
    private static final int WARMUP_STEPS = 20;
    private static final double MIN_SNR_GAMMA = 5;
    private static final double CAPTION_DROPOUT = 0.1;
    private static final int CHECKPOINT_EVERY = 60;
    private static final int VALIDATION_IMAGES = 4;
    private static final int FAST_STEPS = 25;
    private static final int MICRO_BATCH = 32;

    private DemoRecipe() {}

    /** Runs: the main arm, and the control arm if there is one. */
    static List<String> runs(DemoPlan plan) {
        var runs = new ArrayList<>(List.of(DemoPlan.RUN));
        if (plan.control()) {
            runs.add(DemoPlan.RUN + CurationPolicy.RANDOM.runSuffix());
        }
        return runs;
    }

    /** All roles, with one trainer per run. */
    static LocalSettings stack(DemoPlan plan, List<Prompt> validation) {
        var policies = new ArrayList<>(List.of(CurationPolicy.MI_MAX));
        if (plan.control()) {
            policies.add(CurationPolicy.RANDOM);
        }
        var defaults = CurationConfig.DEFAULT;
        return new LocalSettings(
                plan.dataDir(),
                0,
                0,
                plan.model().directory(),
                LoadOptions.plain().with(plan.dtype()),
                plan.workers(),
                new TaskSplit(MICRO_BATCH, MICRO_BATCH),
                new CurationConfig(policies, defaults.deadline(), defaults.remembered()),
                PromotionRule.DEFAULT,
                runs(plan).stream().map(run -> trainer(plan, run, validation)).toList());
    }

    /** Test and validation images: a deterministic sampler, half the steps. */
    static SamplingSettings fastSampling(DemoPlan plan) {
        return SamplingSettings.newBuilder()
                .setScheduler(plan.model().fast().key())
                .setNumInferenceSteps(Math.min(FAST_STEPS, plan.scale().inferenceSteps()))
                .setGuidanceScale(plan.guidanceScale())
                .build();
    }

    /** Images per denoiser call. */
    static int microBatch() {
        return MICRO_BATCH;
    }

    private static TrainerRoleConfig trainer(DemoPlan plan, String run, List<Prompt> validation) {
        double gamma = plan.model().family() == Family.SD3 ? 0 : MIN_SNR_GAMMA;
        var training =
                TrainingConfig.official(plan.model().family())
                        .with(
                                c -> {
                                    var targets = c.adapter.targetModules();
                                    c.adapter = new DoraConfig(RANK, RANK, targets, true);
                                    c.schedule =
                                            new LearningRateSchedule(
                                                    Kind.CONSTANT_WITH_WARMUP, WARMUP_STEPS);
                                    c.loss = new LossConfig(gamma, 0, CAPTION_DROPOUT);
                                    c.batches =
                                            new BatchPlan(BATCH, 1, plan.scale().trainingSteps());
                                    c.seed = plan.seed();
                                });
        var judged =
                new TrainerRoleConfig.Validation(
                        validation.stream().map(Prompt::text).toList(),
                        VALIDATION_IMAGES,
                        plan.seed(),
                        fastSampling(plan),
                        MICRO_BATCH);
        return TrainerRoleConfig.of(run, plan.model().directory(), training, judged)
                .withCheckpointEvery(CHECKPOINT_EVERY);
    }
}
