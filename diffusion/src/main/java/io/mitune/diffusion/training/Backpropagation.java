package io.mitune.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.nn.Gradients;

/** One forward and backward pass, in one of the ways to trade memory for time. */
interface Backpropagation {
    /**
     * Adds the gradient of a problem's loss to that of the leaf.
     *
     * @param scratch owner of everything made on the way
     * @param leaf the adapter's vector, requiring a gradient
     * @return the loss, a scalar without a graph
     */
    NDArray run(NDManager scratch, NDArray leaf, DenoisingLoss.Problem problem);

    /** Keeps all activations. */
    static Backpropagation whole(TrainableModel model) {
        return (scratch, leaf, problem) -> {
            try (var gradients = new Gradients()) {
                bind(model, scratch, leaf);
                var loss =
                        problem.loss(
                                model.denoiser()
                                        .forward(
                                                problem.noisy(),
                                                problem.timesteps(),
                                                problem.text()));
                gradients.backward(loss);
                return loss.stopGradient();
            }
        };
    }

    /** Slices of the leaf for the coming pass, owned by the pass and not by the leaf's owner. */
    static void bind(TrainableModel model, NDManager scratch, NDArray leaf) {
        var view = leaf.reshape(-1);
        view.attach(scratch);
        model.adapter().bind(view);
    }
}
