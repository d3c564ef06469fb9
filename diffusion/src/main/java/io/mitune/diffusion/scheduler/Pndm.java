package io.mitune.diffusion.scheduler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Pseudo numerical methods (Liu et al. 2022): linear multistep over the last four predictions (eqs.
 * 9 and 12), after three Runge-Kutta steps of four calls each (eq. 13), or, with skip_prk_steps,
 * after a step that is taken twice.
 */
final class Pndm implements Scheduler {
    private static final int ORDER = 4;
    private static final double[][] MULTISTEP = {
        {1},
        {3.0 / 2, -1.0 / 2},
        {23.0 / 12, -16.0 / 12, 5.0 / 12},
        {55.0 / 24, -59.0 / 24, 37.0 / 24, -9.0 / 24}
    };
    private static final double[] RUNGE_KUTTA = {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6};

    private final SchedulerSettings settings;
    private final double[] timesteps;
    private final int rungeKuttaCalls;
    private final int stride;

    Pndm(SchedulerSettings settings, int steps) {
        this.settings = settings;
        stride = settings.schedule().steps() / steps;
        var times = Schedulers.wholeTimesteps(settings, steps);
        if (settings.skipPrkSteps()) {
            rungeKuttaCalls = 0;
            timesteps = secondTwice(times);
        } else {
            if (steps < ORDER) {
                throw new IllegalArgumentException(
                        "steps: expected at least "
                                + ORDER
                                + " for pndm with skip_prk_steps=false, found "
                                + steps);
            }
            rungeKuttaCalls = 4 * (ORDER - 1);
            timesteps = withRungeKutta(times);
        }
        Schedulers.requireInside(timesteps, settings.schedule().steps(), steps);
    }

    @Override
    public double[] timesteps() {
        return timesteps.clone();
    }

    @Override
    public double initNoiseSigma() {
        return 1;
    }

    @Override
    public double inputScale(int i) {
        return 1;
    }

    @Override
    public boolean needsNoise(int i) {
        return false;
    }

    @Override
    public Trajectory begin(NDManager owner) {
        return new Memory(owner);
    }

    private static double[] secondTwice(double[] times) {
        if (times.length == 1) {
            return times;
        }
        var calls = new ArrayList<Double>();
        for (int i = 0; i < times.length; i++) {
            calls.add(times[i]);
            if (i == 1) {
                calls.add(times[i]);
            }
        }
        return toArray(calls);
    }

    /** Three Runge-Kutta steps (start, middle, middle, end), then the rest one by one. */
    private double[] withRungeKutta(double[] times) {
        int half = stride / 2;
        var calls = new ArrayList<Double>();
        for (int i = 0; i < ORDER - 1; i++) {
            double middle = times[i + 1] + half;
            calls.addAll(List.of(times[i], middle, middle, times[i + 1]));
        }
        for (int i = ORDER - 1; i < times.length; i++) {
            calls.add(times[i]);
        }
        return toArray(calls);
    }

    private static double[] toArray(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** sample' = a * sample + b * prediction from timestep t to the earlier one (eq. 9). */
    private StepCoefficients transfer(int t, int to) {
        double abar = settings.schedule().alphaCumprod(t);
        double next = Ddim.finalOr(settings, to);
        double denominator = abar * Math.sqrt(1 - next) + Math.sqrt(abar * (1 - abar) * next);
        double ofEpsilon = -(next - abar) / denominator;
        double ofSample = Math.sqrt(next / abar);
        return switch (settings.predictionType()) {
            case EPSILON -> StepCoefficients.direct(ofSample, ofEpsilon);
            case V_PREDICTION ->
                    StepCoefficients.direct(
                            ofSample + ofEpsilon * Math.sqrt(1 - abar),
                            ofEpsilon * Math.sqrt(abar));
        };
    }

    /** What one batch remembers: earlier predictions, newest first, and where a step began. */
    private final class Memory implements Trajectory {
        private final NDManager memory;
        private final Deque<NDArray> history = new ArrayDeque<>();
        private NDArray start; // the sample that the step in progress began from
        private NDArray mixed; // Runge-Kutta: the weighted predictions so far

        Memory(NDManager owner) {
            memory = owner.newSubManager();
        }

        @Override
        public void step(int i, NDArray sample, NDArray prediction, NoiseSource noise) {
            int t = (int) timesteps[i];
            if (i < rungeKuttaCalls) {
                rungeKutta(i, t, sample, prediction);
            } else if (i == 1 && rungeKuttaCalls == 0) {
                repeatFirst(t, sample, prediction);
            } else {
                multistep(i, t, sample, prediction);
            }
            if (i == timesteps.length - 1) {
                memory.close();
            }
        }

        private void multistep(int i, int t, NDArray sample, NDArray prediction) {
            remember(prediction);
            if (i == 0 && timesteps.length > 1) {
                start = keep(sample.duplicate());
            }
            var weights = MULTISTEP[history.size() - 1];
            var combined = prediction.mul(weights[0]);
            int k = 0;
            for (var earlier : history) {
                if (k > 0) {
                    try (var part = earlier.mul(weights[k])) {
                        combined.addi(part);
                    }
                }
                k++;
            }
            move(sample, sample, combined, transfer(t, t - stride));
            combined.close();
        }

        /** The first step again, with the mean of the predictions at its two ends. */
        private void repeatFirst(int t, NDArray sample, NDArray prediction) {
            prediction.addi(history.getFirst()).muli(0.5);
            move(sample, start, prediction, transfer(t + stride, t));
            release();
        }

        private void rungeKutta(int i, int t, NDArray sample, NDArray prediction) {
            int call = i % 4;
            if (call == 0) {
                start = keep(sample.duplicate());
                mixed = keep(prediction.mul(RUNGE_KUTTA[0]));
                remember(prediction);
            } else {
                try (var part = prediction.mul(RUNGE_KUTTA[call])) {
                    mixed.addi(part);
                }
            }
            int from = (int) timesteps[i - call];
            int to = call % 2 == 0 ? t - stride / 2 : t;
            move(sample, start, call == 3 ? mixed : prediction, transfer(from, to));
            if (call == 3) {
                release();
                mixed.close();
            }
        }

        private void remember(NDArray prediction) {
            history.addFirst(keep(prediction));
            if (history.size() > ORDER) {
                history.removeLast().close();
            }
        }

        private NDArray keep(NDArray array) {
            array.attach(memory);
            return array;
        }

        private void release() {
            start.close();
        }

        /** sample = a * from + b * prediction, without changing either. */
        private void move(NDArray sample, NDArray from, NDArray prediction, StepCoefficients c) {
            try (var change = prediction.mul(c.prediction())) {
                if (from == sample) {
                    sample.muli(c.sample()).addi(change);
                    return;
                }
                try (var base = from.mul(c.sample())) {
                    sample.muli(0).addi(base).addi(change);
                }
            }
        }
    }
}
