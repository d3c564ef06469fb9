package io.mitune.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.LinearAdapter;
import io.mitune.diffusion.nn.Script;
import java.util.ArrayList;
import java.util.List;

/**
 * A layer that runs its frozen weight and its adapter side by side, y = m/n (W x + s B A x) + b.
 *
 * <p>The products are in the layer's dtype; m/n and what it scales are fp32 until the end. Not
 * thread-safe.
 */
final class LowRankLinear implements LinearAdapter {
    private final Script script;
    private List<NDArray> values = List.of();

    LowRankLinear(DoraConfig config, Linear frozen) {
        boolean bias = frozen.bias().isPresent();
        script = config.useDora() ? dora(config, bias) : lora(config, bias);
    }

    /** Flat A and B and, with magnitudes, m and n; none for the frozen layer alone. */
    void bind(List<NDArray> values) {
        this.values = values;
    }

    @Override
    public NDArray forward(NDArray x, Linear layer) {
        if (values.isEmpty()) {
            return layer.base(x);
        }
        var arguments = new ArrayList<>(List.of(x, layer.loadedWeight()));
        arguments.addAll(values);
        layer.bias().ifPresent(arguments::add);
        return script.call(arguments.toArray(NDArray[]::new));
    }

    private static final String ARGUMENTS = "x: Tensor, w: Tensor, flat_a: Tensor, flat_b: Tensor";

    private static String low(DoraConfig config) {
        return """
               a = torch.type_as(torch.view(flat_a, [%1$d, -1]), x)
               b = torch.type_as(torch.view(flat_b, [-1, %1$d]), x)
               low = torch.linear(torch.linear(x, a, None), b, None)
               """
                .formatted(config.rank());
    }

    private static Script lora(DoraConfig config, boolean bias) {
        return Script.of(
                ARGUMENTS + (bias ? ", bias: Tensor" : ""),
                "Tensor",
                low(config)
                        + "return torch.add(torch.linear(x, w, %s), low, alpha=%s)"
                                .formatted(bias ? "bias" : "None", config.scale()));
    }

    private static Script dora(DoraConfig config, boolean bias) {
        var y = "torch.mul(sum, torch.div(m, n))";
        return Script.of(
                ARGUMENTS + ", m: Tensor, n: Tensor" + (bias ? ", bias: Tensor" : ""),
                "Tensor",
                low(config)
                        + "sum = torch.add(torch.linear(x, w, None), low, alpha=%s)\n"
                                .formatted(config.scale())
                        + "return torch.type_as(%s, x)"
                                .formatted(bias ? "torch.add(" + y + ", bias)" : y));
    }
}
