package io.mitune.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.Script;
import java.util.List;

/**
 * Adapted layers of one shape, computed together (DoRA, arXiv 2402.09353, eq. 5; its section 4.3
 * for treating the norm as a constant).
 *
 * <pre>
 *   y   = m/n (W x + s B A x) + b = W' x + b,   W' = m/n (W + s B A);   plain LoRA: m/n = 1
 *   n^2 = |W|^2 + 2 s rowsum((W A^T) * B) + s^2 rowsum((B (A A^T)) * B)
 * </pre>
 *
 * <p>The norm needs no temporary of W's size, and n changes only when the adapter does: so it is
 * computed once per optimizer step, not in every pass.
 *
 * <p>There are two ways to y. Wide layers run W x and B A x side by side ({@link LowRankLinear}).
 * Narrow ones get W' for the pass, all of a group in one call, and the network runs as if it had no
 * adapter: then the backward pass makes a gradient of W's size, but the many small steps of the
 * first way are gone. In layers of width w the first way multiplies 6 r * 2w a token more than the
 * frozen layer, the second 2 w^2; with the small steps counted the two cost the same at about w = 8
 * r. Not thread-safe.
 */
final class AdapterGroup {
    private final DoraConfig config;
    private final List<Linear> layers;
    private final Dtype dtype;
    private final LowRankLinear lowRank; // null where W' is built
    private final NDArray weights; // [g, out, in]
    private final NDArray squaredNorms; // [g, out]
    private final int out;
    private final int in;
    private final Script norm;
    private final Script merge;
    private NDArray norms; // [g, out]; null before the first computation

    private AdapterGroup(
            DoraConfig config, List<Linear> layers, Dtype dtype, LowRankLinear lowRank) {
        this.config = config;
        this.layers = List.copyOf(layers);
        this.dtype = dtype;
        this.lowRank = lowRank;
        var shape = layers.get(0).shape();
        out = (int) shape.get(0);
        in = (int) shape.get(1);
        weights = lowRank == null ? stacked(layers) : layers.get(0).loadedWeight().expandDims(0);
        try (var exact = Dtype.FP32.cast(weights);
                var squares = exact.square()) {
            squaredNorms = squares.sum(new int[] {2});
            squaredNorms.attach(weights.getManager());
        }
        norm = normScript();
        merge = mergeScript();
    }

    /** Layers that run as W' x + b. */
    static AdapterGroup merged(DoraConfig config, List<Linear> layers, Dtype dtype) {
        return new AdapterGroup(config, layers, dtype, null);
    }

    /** A layer that runs W x and B A x side by side. */
    static AdapterGroup lowRank(
            DoraConfig config, Linear layer, Dtype dtype, LowRankLinear adapter) {
        return new AdapterGroup(config, List.of(layer), dtype, adapter);
    }

    /** True where building W' is the cheaper way for a layer of this shape. */
    static boolean isNarrow(Linear layer, int rank) {
        var shape = layer.shape();
        long rows = shape.get(0);
        long columns = shape.get(1);
        return rows * columns <= 4L * rank * (rows + columns);
    }

    private static NDArray stacked(List<Linear> layers) {
        var manager = layers.get(0).loadedWeight().getManager();
        try (var scratch = manager.newSubManager()) {
            var copies = new NDList();
            for (var layer : layers) {
                var copy = Dtype.FP32.copyOf(layer.loadedWeight());
                copy.attach(scratch);
                copies.add(copy);
            }
            var all = NDArrays.stack(copies);
            all.attach(manager);
            return all;
        }
    }

    AdapterLayout.Group layout() {
        return new AdapterLayout.Group(out, in, layers.stream().map(Linear::path).toList());
    }

    /** |W| by row, [g * out]. */
    float[] rowNorms() {
        try (var roots = squaredNorms.sqrt()) {
            return roots.toFloatArray();
        }
    }

    /** Renews n from factors that collect no gradients. */
    void computeNorms(NDArray a, NDArray b) {
        var computed = norm.call(a, b, weights, squaredNorms);
        computed.attach(weights.getManager());
        if (norms != null) {
            norms.close();
        }
        norms = computed;
    }

    /** n as last computed, [g, out]. */
    NDArray norms() {
        return norms;
    }

    /**
     * Takes the values of the coming passes.
     *
     * @param parts flat A, B and, with magnitudes, m; what is made from them belongs to their
     *     manager
     */
    void bind(List<NDArray> parts) {
        var a = parts.get(0);
        var b = parts.get(1);
        if (lowRank != null) {
            lowRank.bind(config.useDora() ? List.of(a, b, parts.get(2), norms) : List.of(a, b));
            return;
        }
        var merged =
                config.useDora()
                        ? merge.callAll(a, b, weights, parts.get(2), norms)
                        : merge.callAll(a, b, weights);
        for (int i = 0; i < layers.size(); i++) {
            layers.get(i).exchangeWeight(merged.get(i));
        }
    }

    /** Back to the frozen layers. */
    void release() {
        if (lowRank != null) {
            lowRank.bind(List.of());
        } else {
            layers.forEach(Linear::restoreWeight);
        }
    }

    private String factors() {
        return """
               a = torch.view(flat_a, [-1, %1$d, %2$d])
               b = torch.view(flat_b, [-1, %3$d, %1$d])
               """
                .formatted(config.rank(), in, out);
    }

    private Script normScript() {
        double s = config.scale();
        return Script.of(
                "flat_a: Tensor, flat_b: Tensor, w: Tensor, squared: Tensor",
                "Tensor",
                factors()
                        + """
                        at = torch.transpose(a, 1, 2)
                        wa = torch.type_as(torch.matmul(w, torch.type_as(at, w)), a)
                        baa = torch.matmul(b, torch.matmul(a, at))
                        sum = torch.add(torch.mul(wa, %s), torch.mul(baa, %s))
                        return torch.sqrt(torch.add(squared, torch.sum(torch.mul(sum, b), [2])))
                        """
                                .formatted(2 * s, s * s));
    }

    private Script mergeScript() {
        var arguments = "flat_a: Tensor, flat_b: Tensor, w: Tensor";
        var sum = "v = torch.baddbmm(w, b, a, beta=1, alpha=%s)\n".formatted(config.scale());
        var cast = "return torch.unbind(torch.to(%s, %d, False, False, None), 0)";
        int code = dtype == Dtype.BF16 ? 15 : 6;
        return config.useDora()
                ? Script.of(
                        arguments + ", m: Tensor, n: Tensor",
                        "List[Tensor]",
                        factors()
                                + sum
                                + "c = torch.unsqueeze(torch.div(torch.view_as(m, n), n), 2)\n"
                                + cast.formatted("torch.mul(v, c)", code))
                : Script.of(arguments, "List[Tensor]", factors() + sum + cast.formatted("v", code));
    }
}
