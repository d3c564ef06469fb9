package io.mitune.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.LinearAdapter;
import io.mitune.diffusion.nn.Script;

/**
 * A frozen linear layer with a trainable DoRA or LoRA adapter (DoRA, arXiv 2402.09353, eq. 5; its
 * section 4.3 for treating the norm as a constant).
 *
 * <pre>
 *   y   = m/n (W x + s B A x) + b          plain LoRA: m/n = 1
 *   n^2 = |W|^2 + 2 s rowsum((W A^T) * B) + s^2 rowsum((B (A A^T)) * B)
 * </pre>
 *
 * <p>The second line is the row norm of W + s B A without a temporary of W's size, and n changes
 * only when the adapter does: so it is computed once per optimizer step, not in every pass. The
 * layer computes in its own dtype; A, B, m and n stay fp32. Not thread-safe.
 */
final class DoraLinear implements LinearAdapter {
    private final Linear frozen;
    private final AdapterLayout.Layer layer;
    private final Script forward;
    private final Script norm;
    private final NDArray squaredNorms;
    private NDArray a;
    private NDArray b;
    private NDArray magnitude;
    private NDArray norms;

    DoraLinear(Linear frozen, DoraConfig config) {
        this.frozen = frozen;
        layer = AdapterLayout.Layer.of(frozen);
        forward = forwardScript(config, frozen.bias().isPresent());
        norm = normScript(config);
        try (var w = Dtype.FP32.copyOf(frozen.loadedWeight())) {
            squaredNorms = w.square().sum(new int[] {1}); // [out]
        }
    }

    AdapterLayout.Layer layer() {
        return layer;
    }

    /** |W|^2 by row, [out]. */
    NDArray squaredNorms() {
        return squaredNorms;
    }

    /** Takes the values of the coming passes: flat slices of the adapter's vector. */
    void bind(NDArray a, NDArray b, NDArray magnitude) {
        this.a = a;
        this.b = b;
        this.magnitude = magnitude;
    }

    /** n for these factors; stays until the next call. */
    void computeNorms(NDArray a, NDArray b) {
        var computed = norm.call(a, b, frozen.loadedWeight(), squaredNorms);
        computed.attach(squaredNorms.getManager());
        if (norms != null) {
            norms.close();
        }
        norms = computed;
    }

    /** n as last computed, [out]. */
    NDArray norms() {
        return norms;
    }

    @Override
    public NDArray forward(NDArray x, Linear layer) {
        var w = layer.loadedWeight();
        if (magnitude == null) {
            return layer.bias()
                    .map(bias -> forward.call(x, w, a, b, bias))
                    .orElseGet(() -> forward.call(x, w, a, b));
        }
        return layer.bias()
                .map(bias -> forward.call(x, w, a, b, magnitude, norms, bias))
                .orElseGet(() -> forward.call(x, w, a, b, magnitude, norms));
    }

    private static Script forwardScript(DoraConfig config, boolean bias) {
        var factors =
                """
                a = torch.type_as(torch.view(flat_a, [%d, -1]), x)
                b = torch.type_as(torch.view(flat_b, [-1, %d]), x)
                low = torch.linear(torch.linear(x, a, None), b, None)
                """
                        .formatted(config.rank(), config.rank());
        var arguments = "x: Tensor, w: Tensor, flat_a: Tensor, flat_b: Tensor";
        var last = bias ? ", bias: Tensor" : "";
        if (!config.useDora()) {
            return Script.of(
                    arguments + last,
                    "Tensor",
                    factors
                            + "return torch.add(torch.linear(x, w, %s), low, alpha=%s)"
                                    .formatted(bias ? "bias" : "None", config.scale()));
        }
        var y = "torch.mul(sum, torch.div(m, n))";
        return Script.of(
                arguments + ", m: Tensor, n: Tensor" + last,
                "Tensor",
                factors
                        + "sum = torch.add(torch.linear(x, w, None), low, alpha=%s)\n"
                                .formatted(config.scale())
                        + "return torch.type_as(%s, x)"
                                .formatted(bias ? "torch.add(" + y + ", bias)" : y));
    }

    private static Script normScript(DoraConfig config) {
        double s = config.scale();
        return Script.of(
                "flat_a: Tensor, flat_b: Tensor, w: Tensor, squared: Tensor",
                "Tensor",
                """
                a = torch.view(flat_a, [%d, -1])
                b = torch.view(flat_b, [-1, %d])
                wa = torch.type_as(torch.matmul(w, torch.t(torch.type_as(a, w))), a)
                baa = torch.matmul(b, torch.matmul(a, torch.t(a)))
                sum = torch.add(torch.mul(wa, %s), torch.mul(baa, %s))
                return torch.sqrt(torch.add(squared, torch.sum(torch.mul(sum, b), [1])))
                """
                        .formatted(config.rank(), config.rank(), 2 * s, s * s));
    }
}
