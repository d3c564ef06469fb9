package io.mitune.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.model.TextEmbedding;
import io.mitune.diffusion.nn.Script;
import io.mitune.diffusion.scheduler.NoiseSchedule;
import io.mitune.diffusion.scheduler.PredictionType;
import java.util.OptionalDouble;
import java.util.function.IntToDoubleFunction;

/**
 * The denoising loss (DDPM, arXiv 2006.11239, eq. 14, with a weight by timestep).
 *
 * <pre>
 *   x_t    = sqrt(abar) x_0 + sqrt(1 - abar) eps
 *   target = eps, or v = sqrt(abar) eps - sqrt(1 - abar) x_0
 *   loss   = sum over samples of w_t / N * mean over (C, H, W) of (prediction - target)^2
 * </pre>
 *
 * <p>Always in fp32. Immutable.
 */
final class DenoisingLoss {
    private static final Script BLEND =
            Script.of(
                    "x: Tensor, y: Tensor, a: Tensor, b: Tensor",
                    "Tensor",
                    "return torch.add(torch.mul(x, a), torch.mul(y, b))");
    private static final Script WEIGHTED =
            Script.of(
                    "prediction: Tensor, target: Tensor, w: Tensor",
                    "Tensor",
                    """
                    d = torch.sub(prediction, target)
                    return torch.sum(torch.mul(torch.mean(torch.mul(d, d), [1, 2, 3]), w))
                    """);

    private final float[] signal;
    private final float[] noise;
    private final float[] weights;
    private final boolean predictsVelocity;

    DenoisingLoss(NoiseSchedule schedule, PredictionType prediction, OptionalDouble gamma) {
        predictsVelocity = prediction == PredictionType.V_PREDICTION;
        signal = table(schedule, t -> Math.sqrt(schedule.alphaCumprod(t)));
        noise = table(schedule, t -> Math.sqrt(1 - schedule.alphaCumprod(t)));
        weights = MinSnr.weights(schedule.alphasCumprod(), gamma, predictsVelocity);
    }

    private static float[] table(NoiseSchedule schedule, IntToDoubleFunction value) {
        var table = new float[schedule.steps()];
        for (int t = 0; t < table.length; t++) {
            table[t] = (float) value.applyAsDouble(t);
        }
        return table;
    }

    /**
     * What the network is asked, and what its answer is compared with; all fp32.
     *
     * @param noisy x_t, [B, C, H, W]
     * @param timesteps t, [B]
     * @param text B captions
     * @param target [B, C, H, W]
     * @param weights w_t / N, [B]
     */
    record Problem(
            NDArray noisy, NDArray timesteps, TextEmbedding text, NDArray target, NDArray weights) {
        /**
         * The loss of a prediction, a scalar.
         *
         * @param prediction [B, C, H, W] fp32
         */
        NDArray loss(NDArray prediction) {
            return WEIGHTED.call(prediction, target, weights);
        }
    }

    /**
     * @param scratch owner of the result
     * @param samples N, over which the loss is the mean
     */
    Problem problem(NDManager scratch, TrainingBatch batch, int samples) {
        var t = batch.timesteps();
        var a = column(scratch, t, signal, 1);
        var b = column(scratch, t, noise, 1);
        var noisy = BLEND.call(batch.latents(), batch.noise(), a, b);
        var target =
                predictsVelocity
                        ? BLEND.call(batch.noise(), batch.latents(), a, b.neg())
                        : batch.noise();
        return new Problem(
                noisy,
                timesteps(scratch, t),
                batch.text(),
                target,
                column(scratch, t, weights, 1.0 / samples).reshape(t.length));
    }

    private static NDArray timesteps(NDManager scratch, int[] timesteps) {
        var values = new float[timesteps.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = timesteps[i];
        }
        return scratch.create(values);
    }

    private static NDArray column(NDManager scratch, int[] timesteps, float[] table, double scale) {
        var values = new float[timesteps.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (table[timesteps[i]] * scale);
        }
        return scratch.create(values, new Shape(values.length, 1, 1, 1));
    }
}
