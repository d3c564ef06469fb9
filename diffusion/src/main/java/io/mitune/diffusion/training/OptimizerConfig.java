package io.mitune.diffusion.training;

/**
 * Settings of {@link AdamW} and of gradient clipping. Immutable.
 *
 * @param learningRate peak rate, before the schedule's factor
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the second moment
 * @param weightDecay decoupled decay per unit of learning rate
 * @param maxGradNorm bound on the L2 norm over all adapter gradients; infinity: no clipping
 */
public record OptimizerConfig(
        double learningRate,
        double beta1,
        double beta2,
        double epsilon,
        double weightDecay,
        double maxGradNorm) {

    public OptimizerConfig {
        Ranges.positive("learning_rate", learningRate, 1);
        Ranges.belowOne("adam_beta1", beta1);
        Ranges.belowOne("adam_beta2", beta2);
        Ranges.positive("adam_epsilon", epsilon, 1);
        Ranges.between("adam_weight_decay", weightDecay, 0, 10);
        Ranges.positive("max_grad_norm", maxGradNorm, Double.POSITIVE_INFINITY);
    }

    /** The official recipe: 1e-4, betas 0.9 and 0.999, decay 1e-2, clipping at 1. */
    public static OptimizerConfig defaults() {
        return new OptimizerConfig(1e-4, 0.9, 0.999, 1e-8, 1e-2, 1);
    }

    public OptimizerConfig withLearningRate(double value) {
        return new OptimizerConfig(value, beta1, beta2, epsilon, weightDecay, maxGradNorm);
    }

    public OptimizerConfig withMaxGradNorm(double value) {
        return new OptimizerConfig(learningRate, beta1, beta2, epsilon, weightDecay, value);
    }
}
