package io.mitune.diffusion.model.t5;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.mitune.diffusion.nn.Embedding;
import io.mitune.diffusion.nn.Script;
import io.mitune.diffusion.nn.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * T5's encoder: a transformer over tokens that knows their places by a bias on the scores alone,
 * the same in all layers (arXiv 1910.10683); transformers' T5EncoderModel with a gated gelu.
 *
 * <p>Padding is attended to like any token, as Stable Diffusion 3 was trained. The weights of a
 * layer are read when its turn comes and freed after it: T5-XXL has 4.7 billion, more than all else
 * together, and a prompt passes each once. Thread-safe for inference.
 */
public final class T5EncoderModel {
    private final Embedding shared;
    private final RelativeBias relativeBias;
    private final List<Layer> layers = new ArrayList<>();
    private final NDArray finalNorm;
    private final Script normalise;

    public T5EncoderModel(Weights w, T5Config c) {
        shared = new Embedding(w.in("shared"), c.vocabSize(), c.dModel());
        var encoder = w.in("encoder");
        encoder.ignore("embed_tokens.weight"); // the same table under its other name
        for (int i = 0; i < c.numLayers(); i++) {
            layers.add(new Layer(encoder.in("block").in(i).in("layer"), c));
        }
        var first = encoder.in("block").in(0).in("layer").in(0).in("SelfAttention");
        relativeBias = new RelativeBias(first.in("relative_attention_bias"), c);
        finalNorm = encoder.in("final_layer_norm").get("weight", c.dModel());
        normalise =
                Script.of(
                        "x: Tensor, g: Tensor",
                        "Tensor",
                        Layer.NORM.formatted("g", c.layerNormEps()) + "return h");
    }

    /**
     * Each batch alone; a layer's weights are read once for all of them.
     *
     * @param batches ids, int64 [B, L], with one B and one L for all; at least one
     * @return of each the last hidden state after the final norm, [B, L, dModel], in the weights'
     *     dtype
     */
    public List<NDArray> forward(List<NDArray> batches) {
        List<NDArray> states = new ArrayList<>();
        batches.forEach(ids -> states.add(shared.forward(ids)));
        try (var bias = relativeBias.forward(batches.get(0))) {
            layers.forEach(layer -> layer.forward(states, bias));
        }
        states.replaceAll(
                last -> {
                    try (last) {
                        return normalise.call(last, finalNorm);
                    }
                });
        return states;
    }

    /** Normalises, attends and adds, then the same with a gated perceptron; T5Block. */
    private static final class Layer {
        /** Root mean square norm; the mean in fp32. */
        private static final String NORM =
                """
                f = torch.to(x, 6, False, False, None)
                v = torch.rsqrt(torch.add(torch.mean(torch.mul(f, f), [-1], True), %2$s))
                h = torch.mul(%1$s, torch.type_as(torch.mul(f, v), %1$s))
                """;

        private static final String ATTEND =
                """
                s = [torch.size(x, 0), -1, %1$d, %2$d]
                q = torch.transpose(torch.reshape(torch.linear(h, wq, None), s), 1, 2)
                k = torch.transpose(torch.reshape(torch.linear(h, wk, None), s), 1, 2)
                u = torch.transpose(torch.reshape(torch.linear(h, wv, None), s), 1, 2)
                a = torch.scaled_dot_product_attention(q, k, u, bias, 0., False, scale=1.)
                y = torch.linear(torch.flatten(torch.transpose(a, 1, 2), 2, 3), wo, None)
                return torch.add(x, y)
                """;

        private static final String PERCEPTRON =
                """
                gate = torch.gelu(torch.linear(h, w0, None), approximate="tanh")
                y = torch.linear(torch.mul(gate, torch.linear(h, w1, None)), w2, None)
                return torch.add(x, y)
                """;

        private final List<Supplier<NDArray>> attention;
        private final List<Supplier<NDArray>> perceptron;
        private final Script attend;
        private final Script gate;

        Layer(Weights w, T5Config c) {
            int width = c.dModel();
            long inner = (long) c.numHeads() * c.dKv();
            var a = w.in(0).in("SelfAttention");
            attention =
                    List.of(
                            w.in(0).in("layer_norm").source("weight", width),
                            a.in("q").source("weight", inner, width),
                            a.in("k").source("weight", inner, width),
                            a.in("v").source("weight", inner, width),
                            a.in("o").source("weight", width, inner));
            var f = w.in(1).in("DenseReluDense");
            perceptron =
                    List.of(
                            w.in(1).in("layer_norm").source("weight", width),
                            f.in("wi_0").source("weight", c.dFf(), width),
                            f.in("wi_1").source("weight", c.dFf(), width),
                            f.in("wo").source("weight", width, c.dFf()));
            var norm = NORM.formatted("g", c.layerNormEps());
            attend =
                    Script.of(
                            "x: Tensor, bias: Tensor, g: Tensor, wq: Tensor, wk: Tensor,"
                                    + " wv: Tensor, wo: Tensor",
                            "Tensor",
                            norm + ATTEND.formatted(c.numHeads(), c.dKv()));
            gate =
                    Script.of(
                            "x: Tensor, g: Tensor, w0: Tensor, w1: Tensor, w2: Tensor",
                            "Tensor",
                            norm + PERCEPTRON);
        }

        /**
         * @param states [B, L, dModel] each, replaced by what the layer makes of them
         * @param bias [1, heads, L, L]
         */
        void forward(List<NDArray> states, NDArray bias) {
            each(states, attend, List.of(bias), attention);
            each(states, gate, List.of(), perceptron);
        }

        private static void each(
                List<NDArray> states,
                Script script,
                List<NDArray> others,
                List<Supplier<NDArray>> sources) {
            try (var weights = new NDList()) {
                sources.forEach(s -> weights.add(s.get()));
                states.replaceAll(
                        before -> {
                            try (before) {
                                var arguments = new ArrayList<NDArray>(List.of(before));
                                arguments.addAll(others);
                                arguments.addAll(weights);
                                return script.call(arguments);
                            }
                        });
            }
        }
    }

    /**
     * One number for each head and class of distance; T5Attention.compute_bias.
     *
     * <p>The classes: near distances exactly, far ones by their logarithm, both apart for tokens
     * before and after. The arithmetic is that of transformers, operator by operator, since a
     * distance on the border of two classes is decided by rounding.
     */
    private static final class RelativeBias {
        private static final String TEXT =
                """
                n = torch.size(ids, 1)
                p = torch.arange(n, dtype=4, layout=None, device=ops.prim.device(ids))
                d = torch.sub(torch.unsqueeze(p, 0), torch.unsqueeze(p, 1))
                a = torch.abs(d)
                r = torch.log(torch.div(torch.to(a, 6, False, False, None), %1$d))
                l = torch.mul(torch.div(r, %2$s), %3$d)
                m = torch.clamp(l, -1., %3$d.)
                far = torch.clamp(torch.add(torch.to(m, 4, False, False, None), %1$d), 0, %4$d)
                near = torch.where(torch.lt(a, %1$d), a, far)
                after = torch.mul(torch.to(torch.gt(d, 0), 4, False, False, None), %5$d)
                e = torch.embedding(w, torch.add(near, after), -1, False, False)
                return torch.contiguous(torch.unsqueeze(torch.permute(e, [2, 0, 1]), 0), \
                memory_format=0)
                """;

        private final NDArray weight;
        private final Script script;

        RelativeBias(Weights w, T5Config c) {
            weight = w.get("weight", c.relativeBuckets(), c.numHeads());
            int half = c.relativeBuckets() / 2;
            int exact = half / 2;
            double span = Math.log((double) c.relativeMaxDistance() / exact);
            script =
                    Script.of(
                            "ids: Tensor, w: Tensor",
                            "Tensor",
                            TEXT.formatted(exact, span, half - exact, half - 1, half));
        }

        /**
         * @param ids [B, L], for its length
         * @return [1, heads, L, L]
         */
        NDArray forward(NDArray ids) {
            return script.call(ids, weight);
        }
    }
}
