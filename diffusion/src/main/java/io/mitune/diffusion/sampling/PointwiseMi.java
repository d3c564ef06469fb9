package io.mitune.diffusion.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Optional;

/**
 * Point-wise mutual information between each image and its prompt (MI-TUNE, eq. 2), in nats:
 *
 * <pre>
 * MI = mean over steps with t &gt; cut of  w_t || eps(x_t, null) - eps(x_t, prompt) ||^2
 * </pre>
 *
 * the norm over C, H, W, the weights from {@link MiEstimator}. A velocity model's difference is
 * that of its noise predictions up to sqrt(abar_t): eps = sqrt(abar) v + sqrt(1 - abar) x, and x
 * cancels.
 */
final class PointwiseMi extends MiScore {
    PointwiseMi(NDManager owner, MiWeights weights) {
        super(owner, weights);
    }

    @Override
    NDArray sum(NDArray conditional, NDArray unconditional) {
        try (var difference = unconditional.sub(conditional);
                var squares = difference.square()) {
            return squares.sum(PIXELS);
        }
    }

    @Override
    Optional<NDArray> paperSum(NDArray conditional, NDArray unconditional) {
        return Optional.empty();
    }
}
