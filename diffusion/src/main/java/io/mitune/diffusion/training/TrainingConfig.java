package io.mitune.diffusion.training;

import io.mitune.diffusion.adapter.DoraConfig;
import io.mitune.diffusion.nn.Dtype;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Everything that decides what a training run computes, but for model and samples. Immutable.
 *
 * @param adapter rank, alpha, targets, DoRA or LoRA
 * @param optimizer rates and clipping
 * @param schedule of the learning rate
 * @param loss weighting, noise offset, caption dropout
 * @param batches sizes and number of steps
 * @param emaDecay decay of the weight average; 0: no average
 * @param seed of start values, batches, timesteps, noise and dropout
 * @param dtype of the frozen network's forward pass; adapter and optimizer are always fp32
 * @param gradientCheckpointing true to recompute each block's activations in the backward pass
 */
public record TrainingConfig(
        DoraConfig adapter,
        OptimizerConfig optimizer,
        LearningRateSchedule schedule,
        LossConfig loss,
        BatchPlan batches,
        double emaDecay,
        long seed,
        Dtype dtype,
        boolean gradientCheckpointing) {

    public TrainingConfig {
        Ranges.belowOne("ema_decay", emaDecay);
        if (dtype == Dtype.FP16) {
            throw new IllegalArgumentException(
                    "training.dtype: expected fp32 or bf16, found fp16; its range is too small for"
                            + " gradients without loss scaling");
        }
    }

    /** The official recipe: DoRA of rank 32, batch 8 x 50, 300 steps, squared error, fp32. */
    public static TrainingConfig official() {
        return new TrainingConfig(
                DoraConfig.dora(32),
                OptimizerConfig.defaults(),
                LearningRateSchedule.constant(),
                LossConfig.plain(),
                new BatchPlan(8, 50, 300),
                0,
                42,
                Dtype.FP32,
                false);
    }

    public TrainingConfig withAdapter(DoraConfig value) {
        return new TrainingConfig(
                value,
                optimizer,
                schedule,
                loss,
                batches,
                emaDecay,
                seed,
                dtype,
                gradientCheckpointing);
    }

    public TrainingConfig withOptimizer(OptimizerConfig value) {
        return new TrainingConfig(
                adapter,
                value,
                schedule,
                loss,
                batches,
                emaDecay,
                seed,
                dtype,
                gradientCheckpointing);
    }

    public TrainingConfig withSchedule(LearningRateSchedule value) {
        return new TrainingConfig(
                adapter,
                optimizer,
                value,
                loss,
                batches,
                emaDecay,
                seed,
                dtype,
                gradientCheckpointing);
    }

    public TrainingConfig withLoss(LossConfig value) {
        return new TrainingConfig(
                adapter,
                optimizer,
                schedule,
                value,
                batches,
                emaDecay,
                seed,
                dtype,
                gradientCheckpointing);
    }

    public TrainingConfig withBatches(BatchPlan value) {
        return new TrainingConfig(
                adapter,
                optimizer,
                schedule,
                loss,
                value,
                emaDecay,
                seed,
                dtype,
                gradientCheckpointing);
    }

    public TrainingConfig withEmaDecay(double value) {
        return new TrainingConfig(
                adapter,
                optimizer,
                schedule,
                loss,
                batches,
                value,
                seed,
                dtype,
                gradientCheckpointing);
    }

    public TrainingConfig withSeed(long value) {
        return new TrainingConfig(
                adapter,
                optimizer,
                schedule,
                loss,
                batches,
                emaDecay,
                value,
                dtype,
                gradientCheckpointing);
    }

    public TrainingConfig withDtype(Dtype value) {
        return new TrainingConfig(
                adapter,
                optimizer,
                schedule,
                loss,
                batches,
                emaDecay,
                seed,
                value,
                gradientCheckpointing);
    }

    public TrainingConfig withGradientCheckpointing(boolean value) {
        return new TrainingConfig(
                adapter, optimizer, schedule, loss, batches, emaDecay, seed, dtype, value);
    }

    /** The learning rate of an optimizer step, counted from 0. */
    public double learningRate(long step) {
        return optimizer.learningRate() * schedule.factor(step, batches.steps());
    }

    /** The decay, if an average is kept. */
    public OptionalDouble ema() {
        return emaDecay > 0 ? OptionalDouble.of(emaDecay) : OptionalDouble.empty();
    }

    /**
     * Name and value of each setting that a resumed run must share to end with the same weights.
     * The number of steps is one only where the schedule depends on it; memory is saved or not at
     * the resumer's choice.
     */
    public Map<String, String> essentials() {
        var all = new LinkedHashMap<String, Object>();
        all.put("rank", adapter.rank());
        all.put("alpha", adapter.alpha());
        all.put("target_modules", adapter.targetModules());
        all.put("use_dora", adapter.useDora());
        all.put("learning_rate", optimizer.learningRate());
        all.put("adam_beta1", optimizer.beta1());
        all.put("adam_beta2", optimizer.beta2());
        all.put("adam_epsilon", optimizer.epsilon());
        all.put("adam_weight_decay", optimizer.weightDecay());
        all.put("max_grad_norm", optimizer.maxGradNorm());
        all.put("lr_scheduler", schedule.kind().label());
        all.put("lr_warmup_steps", schedule.warmupSteps());
        all.put("snr_gamma", loss.minSnrGamma());
        all.put("noise_offset", loss.noiseOffset());
        all.put("caption_dropout", loss.captionDropout());
        all.put("batch_size", batches.batchSize());
        all.put("gradient_accumulation", batches.gradientAccumulation());
        all.put("ema_decay", emaDecay);
        all.put("seed", seed);
        all.put("dtype", dtype.label());
        if (schedule.dependsOnTotal()) {
            all.put("steps", batches.steps());
        }
        var text = new LinkedHashMap<String, String>();
        all.forEach((name, value) -> text.put(name, value.toString()));
        return text;
    }
}
