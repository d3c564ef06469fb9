package io.mitune.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * AdamW with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2) as torch computes it,
 * on one flat vector.
 *
 * <p>All parameters of an adapter share one vector, so a step is a dozen operations however many
 * layers there are. Not thread-safe.
 *
 * <pre>
 *   p -= lr * decay * p
 *   m += (1 - beta1) (g - m)          v = beta2 v + (1 - beta2) g^2
 *   p -= lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps)
 * </pre>
 */
final class AdamW implements AutoCloseable {
    private final OptimizerConfig config;
    private final NDArray firstMoment;
    private final NDArray secondMoment;
    private long updates;

    /**
     * Moments at zero.
     *
     * @param manager owner of the moments
     * @param config rates
     * @param parameters length of the vector
     */
    AdamW(NDManager manager, OptimizerConfig config, NDArray parameters) {
        this.config = config;
        firstMoment = manager.zeros(parameters.getShape());
        secondMoment = manager.zeros(parameters.getShape());
    }

    /**
     * Moves the parameters in place.
     *
     * @param parameters fp32 vector without a gradient graph
     * @param gradient of the same shape, left as it is
     * @param learningRate of this step, the schedule's factor included
     */
    void step(NDArray parameters, NDArray gradient, double learningRate) {
        updates++;
        var correction1 = 1 - Math.pow(config.beta1(), updates);
        var correction2 = Math.sqrt(1 - Math.pow(config.beta2(), updates));
        parameters.muli(1 - learningRate * config.weightDecay());
        try (var delta = gradient.sub(firstMoment)) {
            firstMoment.addi(delta.muli(1 - config.beta1()));
        }
        try (var square = gradient.square()) {
            secondMoment.muli(config.beta2()).addi(square.muli(1 - config.beta2()));
        }
        try (var root = secondMoment.sqrt();
                var update = firstMoment.div(root.divi(correction2).addi(config.epsilon()))) {
            parameters.subi(update.muli(learningRate / correction1));
        }
    }

    /** First moments, live. */
    NDArray firstMoment() {
        return firstMoment;
    }

    /** Second moments, live. */
    NDArray secondMoment() {
        return secondMoment;
    }

    /** Steps taken, the t of the equations. */
    long updates() {
        return updates;
    }

    /** Puts a saved state back. */
    void restore(NDArray first, NDArray second, long steps) {
        first.copyTo(firstMoment);
        second.copyTo(secondMoment);
        updates = steps;
    }

    @Override
    public void close() {
        firstMoment.close();
        secondMoment.close();
    }
}
