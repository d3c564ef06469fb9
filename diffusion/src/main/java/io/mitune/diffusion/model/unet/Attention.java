package io.mitune.diffusion.model.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.LayerNorm;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.OneDnn;
import io.mitune.diffusion.nn.Script;
import io.mitune.diffusion.nn.Torch;
import io.mitune.diffusion.nn.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Normalises, attends, and adds the result to its input; diffusers' Attention with its norm.
 *
 * <p>Samples that share a text share its keys and values: with a context of K texts the samples are
 * taken as K equal runs, and the queries of a run attend as one long sequence. Under
 * classifier-free guidance K is 2, whatever the number of candidates.
 */
final class Attention {
    /** Scaled dot product of K runs; q [B, N, C], k and v [K, L, C]. */
    private static final String ATTEND =
            """
            K = torch.size(k, 0)
            q4 = torch.transpose(torch.reshape(q, [K, -1, %1$d, %2$d]), 1, 2)
            k4 = torch.transpose(torch.reshape(k, [K, -1, %1$d, %2$d]), 1, 2)
            v4 = torch.transpose(torch.reshape(v, [K, -1, %1$d, %2$d]), 1, 2)
            a4 = torch.scaled_dot_product_attention(q4, k4, v4, None, 0., False, scale=None)
            a = torch.reshape(torch.transpose(a4, 1, 2), torch.size(x))
            """;

    /**
     * The same for bf16 without gradients: libtorch's kernel reaches half of what its products of
     * matrices do, so some rows of queries at a time go through those, few enough for the cache.
     */
    private static final String ATTEND_BY_ROWS =
            """
            K = torch.size(k, 0)
            n = torch.mul(K, %1$d)
            q4 = torch.transpose(torch.reshape(torch.mul(q, %3$s), [K, -1, %1$d, %2$d]), 1, 2)
            k4 = torch.transpose(torch.reshape(k, [K, -1, %1$d, %2$d]), 1, 2)
            v4 = torch.transpose(torch.reshape(v, [K, -1, %1$d, %2$d]), 1, 2)
            kt = torch.transpose(torch.reshape(k4, [n, -1, %2$d]), 1, 2)
            v3 = torch.reshape(v4, [n, -1, %2$d])
            q3 = torch.reshape(q4, [n, -1, %2$d])
            a3 = torch.empty_like(q3)
            rows = torch.add(torch.floordiv(%4$d, torch.mul(n, torch.size(k, 1))), 16)
            parts = torch.split(q3, rows, 1)
            results = torch.split(a3, rows, 1)
            for i in range(torch.len(parts)):
              s = torch.softmax(torch.bmm(parts[i], kt), -1)
              _ = torch.copy_(results[i], torch.bmm(s, v3))
            a4 = torch.view(a3, [K, %1$d, -1, %2$d])
            a = torch.reshape(torch.transpose(a4, 1, 2), torch.size(x))
            """;

    /** Scores to hold at a time. */
    private static final int SCORES = 10 << 20;

    private static final String NORM =
            "h = torch.layer_norm(x, [%d], g, b, 1.0000000000000001e-05, True)\n";
    private static final String FRAME = "x: Tensor, context: Tensor, g: Tensor, b: Tensor, ";
    private static final String PLAIN =
            """
            q = torch.linear(h, wq, None)
            k = torch.linear(%1$s, wk, None)
            v = torch.linear(%1$s, wv, None)
            """;
    private static final String FUSED_SELF =
            "q, k, v = torch.chunk(%s, 3, -1)\n".formatted(OneDnn.linear("h", "w", "None"));
    private static final String FUSED_CROSS =
            "q = %s\nk, v = torch.chunk(%s, 2, -1)\n"
                    .formatted(
                            OneDnn.linear("h", "wq", "None"),
                            OneDnn.linear("context", "wkv", "None"));

    private final LayerNorm norm;
    private final Linear toQ;
    private final Linear toK;
    private final Linear toV;
    private final Linear toOut;
    private final boolean self;
    private final boolean adapted;
    private final boolean fused;
    private final Script whole;
    private final Script attend;
    private final List<NDArray> packed = new ArrayList<>();
    private int packedExchanges = -1;

    /**
     * Sizes of an attention.
     *
     * @param width features of x
     * @param contextWidth features of the context; {@code width} when x attends to itself
     * @param heads number of heads, a divisor of width
     * @param self whether the context is x
     */
    record Shape(int width, int contextWidth, int heads, boolean self) {}

    /**
     * @param norm weights of the norm, beside the attention in the file
     * @param w weights of the attention
     */
    Attention(Weights norm, Weights w, Shape s) {
        this.norm = new LayerNorm(norm, s.width(), 1e-5);
        fused = w.fused();
        toQ = layer(w.in("to_q"), s.width(), s.width(), false);
        toK = layer(w.in("to_k"), s.contextWidth(), s.width(), false);
        toV = layer(w.in("to_v"), s.contextWidth(), s.width(), false);
        toOut = layer(w.in("to_out").in(0), s.width(), s.width(), true);
        self = s.self();
        adapted = projections().stream().anyMatch(Linear::hasAdapter);
        var core = ATTEND.formatted(s.heads(), s.width() / s.heads());
        boolean byRows = fused && w.dtype() == Dtype.BF16;
        whole = whole(fused, NORM.formatted(s.width()), byRows ? byRows(s) : core, self);
        attend =
                Script.of(
                        "x: Tensor, q: Tensor, k: Tensor, v: Tensor", "Tensor", core + "return a");
        if (fused) {
            packed();
        }
    }

    /** Packed weights take the place of the loaded ones. */
    private Linear layer(Weights w, long in, long out, boolean bias) {
        return fused ? Linear.packed(w, in, out, bias) : new Linear(w, in, out, bias);
    }

    private static String byRows(Shape s) {
        int width = s.width() / s.heads();
        return ATTEND_BY_ROWS.formatted(s.heads(), width, 1 / Math.sqrt(width), SCORES);
    }

    private static Script whole(boolean fused, String norm, String core, boolean self) {
        if (!fused) {
            return Script.of(
                    FRAME + "wq: Tensor, wk: Tensor, wv: Tensor, wo: Tensor, bo: Tensor",
                    "Tensor",
                    norm
                            + PLAIN.formatted(self ? "h" : "context")
                            + core
                            + "return torch.add(x, torch.linear(a, wo, bo))");
        }
        var end = core + "return " + OneDnn.linearAdd("a", "x", "wo", "bo");
        return self
                ? Script.of(
                        FRAME + "w: Tensor, wo: Tensor, bo: Tensor",
                        "Tensor",
                        norm + FUSED_SELF + end)
                : Script.of(
                        FRAME + "wq: Tensor, wkv: Tensor, wo: Tensor, bo: Tensor",
                        "Tensor",
                        norm + FUSED_CROSS + end);
    }

    /** The four linear maps that an adapter may replace. */
    List<Linear> projections() {
        return Stream.of(toQ, toK, toV, toOut).toList();
    }

    /**
     * @param x [B, N, width]
     * @param context [K, L, contextWidth], K a divisor of B; not used when x attends to itself
     * @return [B, N, width]
     */
    NDArray forward(NDArray x, NDArray context) {
        if (adapted) {
            return adapted(x, context);
        }
        var arguments = new ArrayList<NDArray>(List.of(x, context, norm.weight(), norm.bias()));
        if (fused) {
            arguments.addAll(packed());
        } else {
            arguments.addAll(List.of(toQ.weight(), toK.weight(), toV.weight(), toOut.weight()));
        }
        arguments.add(toOut.bias().orElseThrow());
        return whole.call(arguments);
    }

    /** The projections as oneDNN wants them, made again when a weight was exchanged. */
    private List<NDArray> packed() {
        int exchanges = projections().stream().mapToInt(Linear::exchanges).sum();
        if (exchanges != packedExchanges) {
            packed.forEach(NDArray::close);
            packed.clear();
            if (self) {
                packed.add(pack(toQ, toK, toV));
            } else {
                packed.add(pack(toQ));
                packed.add(pack(toK, toV));
            }
            packed.add(pack(toOut));
            packedExchanges = exchanges;
        }
        return packed;
    }

    private NDArray pack(Linear... layers) {
        var rows = new NDList();
        Stream.of(layers).forEach(l -> rows.add(l.weight()));
        var result = Torch.lasting(() -> packed(rows));
        result.attach(norm.weight().getManager());
        Stream.of(layers).forEach(Linear::letGo);
        return result;
    }

    private static NDArray packed(NDList rows) {
        try (var joined = NDArrays.concat(rows)) {
            return OneDnn.packLinear(joined);
        }
    }

    private NDArray adapted(NDArray x, NDArray context) {
        try (var h = norm.forward(x);
                var q = toQ.forward(h);
                var k = toK.forward(self ? h : context);
                var v = toV.forward(self ? h : context);
                var a = attend.call(x, q, k, v);
                var out = toOut.forward(a)) {
            return x.add(out);
        }
    }
}
