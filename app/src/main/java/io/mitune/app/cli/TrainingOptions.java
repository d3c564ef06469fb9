package io.mitune.app.cli;

import io.mitune.diffusion.adapter.DoraConfig;
import io.mitune.diffusion.model.Family;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.training.BatchPlan;
import io.mitune.diffusion.training.FlowConfig;
import io.mitune.diffusion.training.LearningRateSchedule;
import io.mitune.diffusion.training.LossConfig;
import io.mitune.diffusion.training.TrainingConfig;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * How adapters are trained, in the words of the official trainers; defaults are the official recipe
 * of the model's family. Ranges are checked where the values are used.
 */
public final class TrainingOptions {
    @Option(
            names = "--rank",
            paramLabel = "R",
            defaultValue = "32",
            description = "Rank of the adapter (default: ${DEFAULT-VALUE}).")
    private int rank;

    @Option(
            names = {"--alpha", "--lora-alpha"},
            paramLabel = "A",
            description = "Alpha of the adapter (default: the rank).")
    private Optional<Double> alpha = Optional.empty();

    @Option(
            names = "--target-modules",
            paramLabel = "NAMES",
            description = "Adapted modules (default: all projections of attention).")
    private Optional<String> targets = Optional.empty();

    @Option(
            names = {"--dora", "--use-dora"},
            negatable = true,
            description = "Train a DoRA, or a plain LoRA (default: DoRA; LoRA for SD 3).")
    private Optional<Boolean> dora = Optional.empty();

    @Option(
            names = "--learning-rate",
            paramLabel = "X",
            description = "Peak learning rate of AdamW (default: 1e-4; 5e-6 for SD 3).")
    private Optional<Double> learningRate = Optional.empty();

    @Option(
            names = "--lr-scheduler",
            paramLabel = "NAME",
            description =
                    "constant, constant_with_warmup or cosine (default: constant;"
                            + " constant_with_warmup for SD 3).")
    private Optional<String> schedule = Optional.empty();

    @Option(
            names = "--warmup-steps",
            paramLabel = "N",
            description = "Optimizer steps of linear rise (default: 0; 400 for SD 3).")
    private Optional<Integer> warmupSteps = Optional.empty();

    @Option(
            names = "--max-grad-norm",
            paramLabel = "X",
            description = "Bound on the gradient's norm (default: 1; 5e-3 for SD 3).")
    private Optional<Double> maxGradNorm = Optional.empty();

    @Option(
            names = "--train-batch-size",
            paramLabel = "N",
            defaultValue = "8",
            description = "Samples per forward pass (default: ${DEFAULT-VALUE}).")
    private int batchSize;

    @Option(
            names = "--gradient-accumulation-steps",
            paramLabel = "N",
            description = "Forward passes per optimizer step (default: 50; 30 for SD 3).")
    private Optional<Integer> accumulation = Optional.empty();

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Optimizer steps of one round (default: 300; 2000 for SD 3).")
    private Optional<Integer> steps = Optional.empty();

    @Option(
            names = "--snr-gamma",
            paramLabel = "X",
            defaultValue = "0",
            description = "Min-SNR weighting; 0 is off (default: ${DEFAULT-VALUE}).")
    private double snrGamma;

    @Option(
            names = "--noise-offset",
            paramLabel = "X",
            defaultValue = "0",
            description = "Noise constant over a channel; 0 is off (default: ${DEFAULT-VALUE}).")
    private double noiseOffset;

    @Option(
            names = "--caption-dropout",
            paramLabel = "SHARE",
            defaultValue = "0",
            description = "Share of samples trained without caption (default: ${DEFAULT-VALUE}).")
    private double captionDropout;

    @Option(
            names = "--weighting-scheme",
            paramLabel = "NAME",
            defaultValue = "logit_normal",
            description =
                    "SD 3: logit_normal, mode, cosmap, sigma_sqrt or none"
                            + " (default: ${DEFAULT-VALUE}).")
    private String weighting;

    @Option(
            names = "--logit-mean",
            paramLabel = "X",
            defaultValue = "0",
            description = "SD 3: mean for logit_normal (default: ${DEFAULT-VALUE}).")
    private double logitMean;

    @Option(
            names = "--logit-std",
            paramLabel = "X",
            defaultValue = "1",
            description = "SD 3: standard deviation for logit_normal (default: ${DEFAULT-VALUE}).")
    private double logitStd;

    @Option(
            names = "--mode-scale",
            paramLabel = "X",
            defaultValue = "1.29",
            description = "SD 3: scale for mode (default: ${DEFAULT-VALUE}).")
    private double modeScale;

    @Option(
            names = "--precondition-outputs",
            paramLabel = "0|1",
            defaultValue = "1",
            description = "SD 3: 1 compares latents, 0 velocities (default: ${DEFAULT-VALUE}).")
    private int preconditionOutputs;

    @Option(
            names = "--ema-decay",
            paramLabel = "X",
            defaultValue = "0",
            description = "Decay of the weight average; 0 is none (default: ${DEFAULT-VALUE}).")
    private double emaDecay;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "42",
            description = "Start values, order, timesteps and noise (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--gradient-checkpointing",
            description = "Save memory by computing activations twice.")
    private boolean gradientCheckpointing;

    /**
     * The checked configuration.
     *
     * @param family says what is official
     * @param dtype of the frozen network
     */
    public TrainingConfig config(Family family, Dtype dtype) {
        return TrainingConfig.official(family).with(c -> change(c, dtype));
    }

    private void change(TrainingConfig.Draft c, Dtype dtype) {
        c.adapter =
                new DoraConfig(
                        rank,
                        alpha.orElse((double) rank),
                        targets.map(names -> List.of(names.split(",", -1)))
                                .orElse(c.adapter.targetModules()),
                        dora.orElse(c.adapter.useDora()));
        c.optimizer =
                c.optimizer
                        .withLearningRate(learningRate.orElse(c.optimizer.learningRate()))
                        .withMaxGradNorm(maxGradNorm.orElse(c.optimizer.maxGradNorm()));
        c.schedule =
                new LearningRateSchedule(
                        schedule.map(LearningRateSchedule.Kind::of).orElse(c.schedule.kind()),
                        warmupSteps.orElse(c.schedule.warmupSteps()));
        c.loss = new LossConfig(snrGamma, noiseOffset, captionDropout);
        c.flow =
                new FlowConfig(
                        FlowConfig.Weighting.of(weighting),
                        logitMean,
                        logitStd,
                        modeScale,
                        preconditioned());
        c.batches =
                new BatchPlan(
                        batchSize,
                        accumulation.orElse(c.batches.gradientAccumulation()),
                        steps.map(Integer::longValue).orElse(c.batches.steps()));
        c.emaDecay = emaDecay;
        c.seed = seed;
        c.dtype = dtype;
        c.gradientCheckpointing = gradientCheckpointing;
    }

    private boolean preconditioned() {
        if (preconditionOutputs != 0 && preconditionOutputs != 1) {
            throw new UserError(
                    "--precondition-outputs: expected 0 or 1, found " + preconditionOutputs);
        }
        return preconditionOutputs == 1;
    }
}
