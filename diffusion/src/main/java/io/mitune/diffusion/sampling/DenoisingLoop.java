package io.mitune.diffusion.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.model.TextEmbedding;
import io.mitune.diffusion.scheduler.Scheduler;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * One micro-batch from noise to latents: ask the model, let observers see both answers, mix them
 * (classifier-free guidance, eps_u + g (eps_c - eps_u)), move the sample.
 *
 * <p>Each step has a manager of its own, so the number of living arrays does not grow; the sample
 * is moved in place, and nothing is copied to the host.
 */
record DenoisingLoop(Predictor predictor, Scheduler scheduler, SamplingSettings settings) {
    /** Standard normal noise by step. */
    @FunctionalInterface
    interface StepNoise {
        /** The noise of sampling step {@code step - 1}, [B, C, H, W], owned by {@code into}. */
        NDArray at(int step, NDManager into);
    }

    /**
     * @param x scaled start noise, [B, C, H, W], owned by {@code run}; holds the result afterwards
     * @param text K texts for each half of the batch, the unconditional one first
     * @param bothHalves whether there is an unconditional half
     */
    void run(
            NDArray x,
            TextEmbedding text,
            boolean bothHalves,
            List<StepObserver> observers,
            StepNoise noise,
            NDManager run,
            Sampler.BatchProgress progress) {
        var times = scheduler.timesteps();
        var timesteps = onDevice(times, run);
        var trajectory = scheduler.begin(run);
        for (int i = 0; i < times.length; i++) {
            if (progress.listener().cancelled()) {
                throw new CancellationException(
                        "sampling: cancelled before step " + (i + 1) + " of " + times.length);
            }
            try (var step = run.newSubManager()) {
                x.attach(step);
                text.attach(step);
                timesteps.get(i).attach(step);
                var input = scaled(x, scheduler.inputScale(i));
                var prediction =
                        bothHalves
                                ? guided(
                                        i,
                                        times[i],
                                        predictBoth(input, timesteps.get(i), text),
                                        observers)
                                : predictor.predict(input, timesteps.get(i), text);
                trajectory.step(i, x, prediction, k -> noise.at(k + 1, step));
                x.attach(run);
                text.attach(run);
            }
            progress.done(i + 1, times.length);
        }
    }

    /** One array [1] per step, made before the loop: a copy to a device would wait for it. */
    private static NDList onDevice(double[] times, NDManager run) {
        var values = new float[times.length];
        for (int i = 0; i < times.length; i++) {
            values[i] = (float) times[i];
        }
        return run.create(values).split(times.length);
    }

    private static NDArray scaled(NDArray x, double scale) {
        return scale == 1 ? x : x.mul(scale);
    }

    private NDList predictBoth(NDArray input, NDArray timestep, TextEmbedding text) {
        var twice = NDArrays.concat(new NDList(input, input));
        return predictor.predict(twice, timestep, text).split(2);
    }

    private NDArray guided(int i, double t, NDList halves, List<StepObserver> observers) {
        var unconditional = halves.get(0);
        var conditional = halves.get(1);
        for (var observer : observers) {
            observer.observe(i, t, conditional, unconditional);
        }
        if (!settings.guided()) {
            return conditional;
        }
        return conditional.sub(unconditional).muli(settings.guidance()).addi(unconditional);
    }
}
