package io.mitune.app.cli;

import io.mitune.diffusion.adapter.DoraConfig;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.training.BatchPlan;
import io.mitune.diffusion.training.LearningRateSchedule;
import io.mitune.diffusion.training.LossConfig;
import io.mitune.diffusion.training.OptimizerConfig;
import io.mitune.diffusion.training.TrainingConfig;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * How adapters are trained, in the words of the official trainers; defaults are the official recipe
 * for Stable Diffusion 2.1. Ranges are checked where the values are used.
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
            description = "Its alpha (default: the rank).")
    private Optional<Double> alpha = Optional.empty();

    @Option(
            names = "--target-modules",
            paramLabel = "NAMES",
            defaultValue = "to_q,to_k,to_v,to_out.0",
            description = "Adapted modules (default: ${DEFAULT-VALUE}).")
    private String targets;

    @Option(names = "--no-dora", description = "Train a plain LoRA.")
    private boolean plainLora;

    @Option(
            names = "--learning-rate",
            paramLabel = "X",
            defaultValue = "1e-4",
            description = "Peak learning rate of AdamW (default: ${DEFAULT-VALUE}).")
    private double learningRate;

    @Option(
            names = "--lr-scheduler",
            paramLabel = "NAME",
            defaultValue = "constant",
            description = "constant, constant_with_warmup or cosine (default: ${DEFAULT-VALUE}).")
    private String schedule;

    @Option(
            names = "--warmup-steps",
            paramLabel = "N",
            defaultValue = "0",
            description = "Optimizer steps of linear rise (default: ${DEFAULT-VALUE}).")
    private int warmupSteps;

    @Option(
            names = "--max-grad-norm",
            paramLabel = "X",
            defaultValue = "1",
            description = "Bound on the gradient's norm (default: ${DEFAULT-VALUE}).")
    private double maxGradNorm;

    @Option(
            names = "--train-batch-size",
            paramLabel = "N",
            defaultValue = "8",
            description = "Samples per forward pass (default: ${DEFAULT-VALUE}).")
    private int batchSize;

    @Option(
            names = "--gradient-accumulation-steps",
            paramLabel = "N",
            defaultValue = "50",
            description = "Forward passes per optimizer step (default: ${DEFAULT-VALUE}).")
    private int accumulation;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "300",
            description = "Optimizer steps of one round (default: ${DEFAULT-VALUE}).")
    private int steps;

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

    /** The checked configuration, with this type of the frozen network. */
    public TrainingConfig config(Dtype dtype) {
        return new TrainingConfig(
                new DoraConfig(
                        rank,
                        alpha.orElse((double) rank),
                        List.of(targets.split(",", -1)),
                        !plainLora),
                OptimizerConfig.defaults()
                        .withLearningRate(learningRate)
                        .withMaxGradNorm(maxGradNorm),
                new LearningRateSchedule(LearningRateSchedule.Kind.of(schedule), warmupSteps),
                new LossConfig(snrGamma, noiseOffset, captionDropout),
                new BatchPlan(batchSize, accumulation, steps),
                emaDecay,
                seed,
                dtype,
                gradientCheckpointing);
    }
}
