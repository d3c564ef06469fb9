package io.mitune.diffusion.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;

/**
 * A score of images that is a weighted mean over sampling steps of one number each, made from the
 * two predictions that guidance needs anyway: it costs nothing but the reduction.
 *
 * <p>One instance scores one micro-batch; single-threaded. Sums stay on the device until {@link
 * #terms}, the only transfers.
 */
abstract sealed class MiScore implements StepObserver permits PointwiseMi, RectifiedFlowMi {
    static final int[] PIXELS = {1, 2, 3};

    private final NDManager manager;
    private final MiWeights weights;
    private final NDList sums = new NDList();
    private final NDList paperSums = new NDList();

    /**
     * The weighted terms of each sample, [B][steps].
     *
     * @param asked by the estimator asked for
     * @param paper by the paper's, so that both can be had from the log
     */
    record Terms(float[][] asked, float[][] paper) {
        static Terms none(int batch) {
            return new Terms(new float[batch][0], new float[batch][0]);
        }
    }

    /**
     * @param owner keeps the sums, one scalar per sample and step
     * @param weights one weight per sampling step
     */
    MiScore(NDManager owner, MiWeights weights) {
        manager = owner.newSubManager();
        this.weights = weights;
    }

    /** The score that the settings ask for, of the kind that fits the model. */
    static MiScore of(NDManager owner, MiWeights weights, SamplingSettings settings) {
        return settings.scheduler().flowMatching()
                ? new RectifiedFlowMi(owner, weights, settings)
                : new PointwiseMi(owner, weights);
    }

    /** Sum over C, H, W of the step's term, before its weight; [B]. */
    abstract NDArray sum(NDArray conditional, NDArray unconditional);

    /** The same by the paper's estimator, where it differs in more than the weight; [B]. */
    abstract Optional<NDArray> paperSum(NDArray conditional, NDArray unconditional);

    @Override
    public final void observe(
            int step, double timestep, NDArray conditional, NDArray unconditional) {
        var sum = sum(conditional, unconditional);
        sum.attach(manager);
        sums.add(sum);
        paperSum(conditional, unconditional)
                .ifPresent(
                        other -> {
                            other.attach(manager);
                            paperSums.add(other);
                        });
    }

    /** The weighted terms of each sample; ends the score's use of the device. */
    final Terms terms() {
        try {
            return new Terms(
                    weighted(sums, weights::scale),
                    weighted(paperSums.isEmpty() ? sums : paperSums, weights::paperScale));
        } finally {
            manager.close();
        }
    }

    private static float[][] weighted(NDList sums, IntToDoubleFunction scale) {
        int steps = sums.size();
        float[] flat;
        int batch;
        try (var all = NDArrays.stack(sums)) {
            batch = (int) all.getShape().get(1);
            flat = all.toFloatArray();
        }
        var terms = new float[batch][steps];
        for (int b = 0; b < batch; b++) {
            for (int k = 0; k < steps; k++) {
                terms[b][k] = (float) (scale.applyAsDouble(k) * flat[k * batch + b]);
            }
        }
        return terms;
    }
}
