package io.mitune.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.model.TextEmbedding;
import io.mitune.diffusion.nn.Script;
import java.util.function.IntToDoubleFunction;

/**
 * The denoising loss of a {@link TrainingProcess}:
 *
 * <pre>
 *   loss = sum over samples of w_i / N * mean over (C, H, W) of (prediction - target)^2
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

    private final float[] timesteps;
    private final float[] signal;
    private final float[] noise;
    private final float[] targetOfSignal;
    private final float[] targetOfNoise;
    private final float[] weights;

    DenoisingLoss(TrainingProcess process) {
        timesteps = table(process, process::timestep);
        signal = table(process, process::signal);
        noise = table(process, process::noise);
        targetOfSignal = table(process, process::targetOfSignal);
        targetOfNoise = table(process, process::targetOfNoise);
        weights = table(process, process::weight);
    }

    private static float[] table(TrainingProcess process, IntToDoubleFunction value) {
        var table = new float[process.steps()];
        for (int i = 0; i < table.length; i++) {
            table[i] = (float) value.applyAsDouble(i);
        }
        return table;
    }

    /**
     * What the network is asked, and what its answer is compared with; all fp32.
     *
     * @param noisy x, [B, C, H, W]
     * @param timesteps as the network takes them, [B]
     * @param text B captions
     * @param target [B, C, H, W]
     * @param weights w_i / N, [B]
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
        var steps = batch.trainSteps();
        int count = steps.length;
        return new Problem(
                BLEND.call(
                        batch.latents(),
                        batch.noise(),
                        column(scratch, steps, signal, 1),
                        column(scratch, steps, noise, 1)),
                column(scratch, steps, timesteps, 1).reshape(count),
                batch.text(),
                BLEND.call(
                        batch.latents(),
                        batch.noise(),
                        column(scratch, steps, targetOfSignal, 1),
                        column(scratch, steps, targetOfNoise, 1)),
                column(scratch, steps, weights, 1.0 / samples).reshape(count));
    }

    private static NDArray column(NDManager scratch, int[] steps, float[] table, double scale) {
        var values = new float[steps.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (table[steps[i]] * scale);
        }
        return scratch.create(values, new Shape(values.length, 1, 1, 1));
    }
}
