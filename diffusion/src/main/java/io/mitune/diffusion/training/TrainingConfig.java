package io.mitune.diffusion.training;

import io.mitune.diffusion.adapter.DoraConfig;
import io.mitune.diffusion.model.Family;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.training.LearningRateSchedule.Kind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * Everything that decides what a training run computes, but for model and samples. Immutable.
 *
 * @param adapter rank, alpha, targets, DoRA or LoRA
 * @param optimizer rates and clipping
 * @param schedule of the learning rate
 * @param loss weighting, noise offset, caption dropout
 * @param flow density and weights of flow matching
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
        FlowConfig flow,
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

    /**
     * The official recipe of a family: for SD and SDXL DoRA of rank 32, batch 8 x 50, 300 steps;
     * for SD3 LoRA of rank 32, batch 8 x 30, 2000 steps. Squared error, fp32.
     */
    public static TrainingConfig official(Family family) {
        boolean joint = family == Family.SD3;
        return new TrainingConfig(
                joint ? new DoraConfig(32, 32, DoraConfig.JOINT, false) : DoraConfig.dora(32),
                joint
                        ? OptimizerConfig.defaults().withLearningRate(5e-6).withMaxGradNorm(5e-3)
                        : OptimizerConfig.defaults(),
                joint
                        ? new LearningRateSchedule(Kind.CONSTANT_WITH_WARMUP, 400)
                        : LearningRateSchedule.constant(),
                LossConfig.plain(),
                FlowConfig.official(),
                joint ? new BatchPlan(8, 30, 2000) : new BatchPlan(8, 50, 300),
                0,
                42,
                Dtype.FP32,
                false);
    }

    /** The fields of a configuration in the making; see {@link #with}. */
    public static final class Draft {
        public DoraConfig adapter;
        public OptimizerConfig optimizer;
        public LearningRateSchedule schedule;
        public LossConfig loss;
        public FlowConfig flow;
        public BatchPlan batches;
        public double emaDecay;
        public long seed;
        public Dtype dtype;
        public boolean gradientCheckpointing;

        private Draft(TrainingConfig from) {
            adapter = from.adapter;
            optimizer = from.optimizer;
            schedule = from.schedule;
            loss = from.loss;
            flow = from.flow;
            batches = from.batches;
            emaDecay = from.emaDecay;
            seed = from.seed;
            dtype = from.dtype;
            gradientCheckpointing = from.gradientCheckpointing;
        }
    }

    /** A copy with changes: {@code config.with(c -> c.seed = 43)}. */
    public TrainingConfig with(Consumer<Draft> changes) {
        var draft = new Draft(this);
        changes.accept(draft);
        return new TrainingConfig(
                draft.adapter,
                draft.optimizer,
                draft.schedule,
                draft.loss,
                draft.flow,
                draft.batches,
                draft.emaDecay,
                draft.seed,
                draft.dtype,
                draft.gradientCheckpointing);
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
        all.put("weighting_scheme", flow.weighting().label());
        all.put("logit_mean", flow.logitMean());
        all.put("logit_std", flow.logitStd());
        all.put("mode_scale", flow.modeScale());
        all.put("precondition_outputs", flow.preconditionOutputs());
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
