package io.mitune.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.model.Denoiser;
import io.mitune.diffusion.model.DenoiserBlock;
import io.mitune.diffusion.nn.Gradients;
import io.mitune.diffusion.nn.Script;
import java.util.ArrayList;
import java.util.List;

/**
 * Gradient checkpointing: the forward pass keeps only what enters each block of the network; the
 * backward pass runs the blocks again, last to first, one at a time with its activations (Chen et
 * al. 2016, arXiv 1604.06174).
 *
 * <p>Costs a second forward pass and saves the activations of all blocks but one. The gradient of a
 * block is a vector-Jacobian product, taken as that of sum(out * upstream). Not thread-safe.
 */
final class Checkpointing implements Backpropagation {
    private static final Script DOT =
            Script.of(
                    "x: Tensor, y: Tensor",
                    "Tensor",
                    "return torch.sum(torch.mul(torch.to(x, 6, False, False, None), torch.to(y, 6,"
                            + " False, False, None)))");

    private final TrainableModel model;

    Checkpointing(TrainableModel model) {
        this.model = model;
    }

    /** A hidden state or skip connection and, once known, the loss's gradient by it. */
    private static final class Edge {
        private final NDArray value;
        private NDArray gradient; // null until a later block was run back

        Edge(NDArray value) {
            this.value = value;
        }

        void add(NDArray more) {
            gradient = gradient == null ? more : gradient.add(more);
        }
    }

    /** One block's place in the pass. */
    private record Visit(DenoiserBlock block, Edge hidden, List<Edge> skips, List<Edge> results) {}

    @Override
    public NDArray run(NDManager scratch, NDArray leaf, DenoisingLoss.Problem problem) {
        var denoiser = model.denoiser();
        var detached = leaf.stopGradient();
        Backpropagation.bind(model, scratch, detached);
        detached.close();
        var start = denoiser.begin(problem.noisy(), problem.timesteps(), problem.text());
        var visits = forward(start);
        var last = visits.get(visits.size() - 1).results().get(0);
        var loss = backwardThroughEnd(scratch, last, start.constants(), problem);
        for (int i = visits.size() - 1; i >= 0; i--) {
            try (var blockScratch = scratch.newSubManager()) {
                backward(scratch, blockScratch, leaf, visits.get(i), start.constants());
            }
        }
        return loss;
    }

    private List<Visit> forward(Denoiser.Start start) {
        var visits = new ArrayList<Visit>();
        var hidden = new Edge(start.hidden());
        var open = new ArrayList<Edge>();
        for (var skip : start.skips()) {
            open.add(skip == start.hidden() ? hidden : new Edge(skip));
        }
        for (var block : model.denoiser().blocks()) {
            var taken = new ArrayList<Edge>();
            for (int i = 0; i < block.skipsTaken(); i++) {
                taken.add(open.remove(open.size() - 1));
            }
            var results =
                    block.forward(hidden.value, values(taken), start.constants()).stream()
                            .map(Edge::new)
                            .toList();
            visits.add(new Visit(block, hidden, taken, results));
            hidden = results.get(0);
            open.addAll(results.subList(1, results.size()));
        }
        return visits;
    }

    private NDArray backwardThroughEnd(
            NDManager scratch, Edge last, NDList constants, DenoisingLoss.Problem problem) {
        try (var gradients = new Gradients()) {
            var input = leafOf(last, scratch);
            var loss = problem.loss(model.denoiser().end(input, constants, problem.noisy()));
            gradients.backward(loss);
            last.add(input.getGradient());
            return loss.stopGradient();
        }
    }

    /** Runs a block again with a graph and hands the gradient on to what entered it. */
    private void backward(
            NDManager scratch,
            NDManager blockScratch,
            NDArray leaf,
            Visit visit,
            NDList constants) {
        try (var gradients = new Gradients()) {
            Backpropagation.bind(model, blockScratch, leaf);
            var hidden = leafOf(visit.hidden(), blockScratch);
            var skips = new NDList();
            visit.skips().forEach(s -> skips.add(leafOf(s, blockScratch)));
            var results = visit.block().forward(hidden, skips, constants);
            var product = blockScratch.create(0f);
            for (int i = 0; i < results.size(); i++) {
                var upstream = visit.results().get(i).gradient;
                if (upstream != null) {
                    product = product.add(DOT.call(results.get(i), upstream));
                }
            }
            gradients.backward(product);
            handOn(scratch, hidden, visit.hidden());
            for (int i = 0; i < skips.size(); i++) {
                handOn(scratch, skips.get(i), visit.skips().get(i));
            }
        }
    }

    private static void handOn(NDManager scratch, NDArray input, Edge edge) {
        var gradient = input.getGradient();
        gradient.attach(scratch);
        edge.add(gradient);
    }

    private static NDArray leafOf(Edge edge, NDManager manager) {
        var leaf = edge.value.stopGradient();
        leaf.attach(manager);
        leaf.setRequiresGradient(true);
        return leaf;
    }

    private static NDList values(List<Edge> edges) {
        var values = new NDList();
        edges.forEach(e -> values.add(e.value));
        return values;
    }
}
