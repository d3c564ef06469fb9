package io.mitune.diffusion.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.scheduler.NoiseSchedule;
import io.mitune.diffusion.scheduler.PredictionType;

/**
 * Point-wise mutual information between each image and its prompt (MI-TUNE, eq. 2), in nats:
 *
 * <pre>
 * MI = mean over steps with t &gt; cut of  w_t || eps(x_t, null) - eps(x_t, prompt) ||^2
 * </pre>
 *
 * the norm over C, H, W, the weights from {@link MiEstimator}. It costs nothing but the reduction,
 * since guidance needs both predictions anyway. A velocity model's difference is that of its noise
 * predictions up to sqrt(abar_t): eps = sqrt(abar) v + sqrt(1 - abar) x, and x cancels.
 *
 * <p>One instance scores one micro-batch; single-threaded. Sums stay on the device until {@link
 * #terms}, the only transfer.
 */
public final class PointwiseMi implements StepObserver {
    /** The authors' lower end of the window. */
    public static final double OFFICIAL_CUT = 50;

    private static final int[] PIXELS = {1, 2, 3};

    private final NDManager manager;
    private final MiWeights weights;
    private final NDList norms = new NDList();

    /**
     * @param owner keeps the sums, one scalar per sample and step
     * @param weights one weight per sampling step
     */
    public PointwiseMi(NDManager owner, MiWeights weights) {
        manager = owner.newSubManager();
        this.weights = weights;
    }

    @Override
    public void observe(int step, double timestep, NDArray conditional, NDArray unconditional) {
        try (var difference = unconditional.sub(conditional);
                var squares = difference.square()) {
            var norm = squares.sum(PIXELS);
            norm.attach(manager);
            norms.add(norm);
        }
    }

    /** The weighted terms of each sample, [B][steps]; ends the score's use of the device. */
    public float[][] terms() {
        int steps = norms.size();
        float[] flat;
        int batch;
        try (var all = NDArrays.stack(norms)) {
            batch = (int) all.getShape().get(1);
            flat = all.toFloatArray();
        } finally {
            manager.close();
        }
        var terms = new float[batch][steps];
        for (int b = 0; b < batch; b++) {
            for (int k = 0; k < steps; k++) {
                terms[b][k] = (float) (weights.scale(k) * flat[k * batch + b]);
            }
        }
        return terms;
    }

    /**
     * What each sampling step counts.
     *
     * @param timesteps of the sampling steps
     * @param weights w_t of each
     * @param toEpsilon what turns a squared difference of predictions into one of noise: 1 for an
     *     epsilon model, abar_t for a velocity model
     * @param cut steps with t &gt; cut enter the mean
     */
    public record MiWeights(double[] timesteps, double[] weights, double[] toEpsilon, double cut) {
        /** The weights of these timesteps under one estimator. */
        public static MiWeights of(
                MiEstimator estimator,
                double cut,
                NoiseSchedule schedule,
                PredictionType type,
                double[] timesteps) {
            var weights = new double[timesteps.length];
            var toEpsilon = new double[timesteps.length];
            for (int k = 0; k < timesteps.length; k++) {
                weights[k] = estimator.weight(schedule, timesteps[k]);
                toEpsilon[k] =
                        type == PredictionType.EPSILON ? 1 : schedule.alphaCumprodAt(timesteps[k]);
            }
            return new MiWeights(timesteps, weights, toEpsilon, cut);
        }

        /** Whether step k enters the mean. */
        public boolean inWindow(int k) {
            return timesteps[k] > cut;
        }

        /** The score out of one sample's weighted terms; NaN when no step lies in the window. */
        public double score(float[] terms) {
            double sum = 0;
            int count = 0;
            for (int k = 0; k < terms.length; k++) {
                if (inWindow(k)) {
                    sum += terms[k];
                    count++;
                }
            }
            return sum / count;
        }

        double scale(int k) {
            return weights[k] * toEpsilon[k];
        }
    }
}
