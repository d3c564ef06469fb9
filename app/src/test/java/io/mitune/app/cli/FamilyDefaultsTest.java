package io.mitune.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.diffusion.model.Family;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.training.FlowConfig;
import io.mitune.diffusion.training.TrainingConfig;
import io.mitune.schemas.SamplingSettings;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What the model decides where the user does not. */
class FamilyDefaultsTest {
    @Command
    private static final class Both {
        @Mixin private TrainingOptions training;
        @Mixin private SamplingOptions sampling = new SamplingOptions("ddim", 50, 7.5);

        static Both of(String... args) {
            var both = new Both();
            new CommandLine(both).parseArgs(OfficialNames.toOurs(args));
            return both;
        }
    }

    @Test
    void trainingFollowsTheOfficialRecipes() {
        var none = Both.of().training;
        assertEquals(TrainingConfig.official(Family.SD), none.config(Family.SD, Dtype.FP32));
        assertEquals(TrainingConfig.official(Family.SD3), none.config(Family.SD3, Dtype.FP32));
    }

    @Test
    void whatIsGivenWins() {
        var given =
                Both.of(
                        "--use_dora",
                        "--learning_rate=1e-3",
                        "--lr_scheduler=cosine",
                        "--lr_warmup_steps=3",
                        "--max_grad_norm=2",
                        "--gradient_accumulation_steps=7",
                        "--max_train_steps=9",
                        "--target_modules=to_q,to_k",
                        "--weighting_scheme=mode",
                        "--logit_mean=0.5",
                        "--logit_std=2",
                        "--mode_scale=1",
                        "--precondition_outputs=0");
        var config = given.training.config(Family.SD3, Dtype.BF16);
        assertTrue(config.adapter().useDora());
        assertEquals(2, config.adapter().targetModules().size());
        assertEquals(1e-3, config.optimizer().learningRate());
        assertEquals(2, config.optimizer().maxGradNorm());
        assertEquals(3, config.schedule().warmupSteps());
        assertEquals(56, config.batches().samplesPerStep());
        assertEquals(9, config.batches().steps());
        assertEquals(new FlowConfig(FlowConfig.Weighting.MODE, 0.5, 2, 1, false), config.flow());
        assertFalse(
                Both.of("--no-dora").training.config(Family.SD, Dtype.FP32).adapter().useDora());
        assertThrows(
                UserError.class,
                () ->
                        Both.of("--precondition-outputs", "2")
                                .training
                                .config(Family.SD3, Dtype.FP32));
    }

    @Test
    void samplingFollowsTheFamily() {
        assertSampling("ddim", 50, 7.5, Both.of().sampling.settings(Family.SD));
        assertSampling("flow-match-euler", 28, 7, Both.of().sampling.settings(Family.SD3));
        assertSampling("ddim", 50, 7.5, Both.of().sampling.settings());
        var given = Both.of("--num_inference_steps=5", "--guidance_scale=2").sampling;
        assertSampling("flow-match-euler", 5, 2, given.settings(Family.SD3));
        assertSampling("ddim", 5, 2, given.settings(Family.SD));
        var other = Both.of("--scheduler=flow-match-euler").sampling;
        assertSampling("flow-match-euler", 50, 7.5, other.settings());
    }

    private static void assertSampling(
            String scheduler, int steps, double guidance, SamplingSettings found) {
        assertEquals(scheduler, found.getScheduler());
        assertEquals(steps, found.getNumInferenceSteps());
        assertEquals(guidance, found.getGuidanceScale());
    }
}
