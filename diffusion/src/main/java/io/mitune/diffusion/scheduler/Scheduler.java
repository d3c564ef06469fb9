package io.mitune.diffusion.scheduler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * A sampler for a fixed number of steps: which timesteps the model is asked at, and how each answer
 * moves the sample.
 *
 * <p>Pure tables, so one instance serves any number of trajectories and threads: noise comes from
 * the caller, and what a trajectory must remember lives in its {@link Trajectory}. Coefficients are
 * computed in double and applied to fp32 arrays of any shape.
 */
public interface Scheduler {
    /** Where noise for a stochastic step comes from; asked only for steps that need it. */
    interface NoiseSource {
        /** Standard normal noise of step {@code i}, of the sample's shape; it is not changed. */
        NDArray noise(int i);
    }

    /** One batch of samples on its way from noise to data; single-threaded. */
    interface Trajectory {
        /**
         * Moves {@code sample} from step i to step i + 1, in place. Steps come in order, from 0.
         *
         * @param i the step, an index into {@link Scheduler#timesteps()}
         * @param sample the current sample; holds the next one afterwards
         * @param prediction the model's answer, after guidance; its contents are lost
         * @param noise asked for step i when {@link Scheduler#needsNoise} says so
         */
        void step(int i, NDArray sample, NDArray prediction, NoiseSource noise);
    }

    /** The timestep of each model call, first to last; fractions occur with Euler. */
    double[] timesteps();

    /** What the start noise is multiplied with. */
    double initNoiseSigma();

    /** What the sample is multiplied with before the model sees it at step i. */
    double inputScale(int i);

    /** Whether step i adds noise. */
    boolean needsNoise(int i);

    /** Starts a trajectory whose memory, if any, belongs to {@code owner}. */
    Trajectory begin(NDManager owner);
}
