package io.mitune.diffusion.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Optional;

/**
 * Point-wise mutual information under a rectified flow (RFMI, arXiv 2503.14358), in nats, with t in
 * (0, 1) and v the predicted velocities:
 *
 * <pre>
 * MI = mean over steps with cut &lt; t &lt; 1 of  (1 - t) / t * sum v (v - v(x_t, null))
 * v  = v(x_t, null) + g (v(x_t, prompt) - v(x_t, null))   what moves the sample: the authors' code
 * v  = v(x_t, prompt)                                     the paper's algorithm
 * </pre>
 *
 * the sum over C, H, W. Without guidance (g up to 1) both are the second.
 */
final class RectifiedFlowMi extends MiScore {
    private final double guidance;

    RectifiedFlowMi(NDManager owner, MiWeights weights, SamplingSettings settings) {
        super(owner, weights);
        boolean guided = settings.guided() && settings.score().estimator() == MiEstimator.OFFICIAL;
        guidance = guided ? settings.guidance() : 1;
    }

    @Override
    NDArray sum(NDArray conditional, NDArray unconditional) {
        return sum(conditional, unconditional, guidance);
    }

    @Override
    Optional<NDArray> paperSum(NDArray conditional, NDArray unconditional) {
        return guidance == 1 ? Optional.empty() : Optional.of(sum(conditional, unconditional, 1));
    }

    private static NDArray sum(NDArray conditional, NDArray unconditional, double guidance) {
        try (var change = conditional.sub(unconditional).muli(guidance);
                var velocity = unconditional.add(change)) {
            return velocity.muli(change).sum(PIXELS);
        }
    }
}
