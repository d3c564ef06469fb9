package io.mitune.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.nn.Script;

/**
 * A layer's weight with its adapter in it, one sum for the running network and for files.
 *
 * <pre>  W' = m/n (W + s B A),   n = row norms of W + s B A;   plain LoRA: m/n = 1  </pre>
 *
 * <p>Stateless.
 */
final class MergedWeight {
    private static final Script DORA =
            Script.of(
                    "w: Tensor, a: Tensor, b: Tensor, m: Tensor",
                    "Tensor",
                    """
                    v = torch.add(w, torch.matmul(b, a))
                    n = torch.sqrt(torch.sum(torch.mul(v, v), [1]))
                    return torch.mul(v, torch.unsqueeze(torch.div(m, n), 1))
                    """);

    private MergedWeight() {}

    /**
     * @param w [out, in] fp32; its manager gets all that is made
     * @param scale s
     * @return W', [out, in] fp32
     */
    static NDArray of(NDArray w, LoraFactors f, double scale) {
        var manager = w.getManager();
        var a = manager.create(f.a(), new Shape(f.rank(), f.in()));
        var b = manager.create(f.b(), new Shape(f.out(), f.rank())).muli(scale);
        return f.isDora() ? DORA.call(w, a, b, manager.create(f.magnitude())) : w.add(b.matMul(a));
    }
}
