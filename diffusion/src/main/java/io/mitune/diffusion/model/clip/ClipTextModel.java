package io.mitune.diffusion.model.clip;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.nn.Embedding;
import io.mitune.diffusion.nn.LayerNorm;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.Ops;
import io.mitune.diffusion.nn.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * CLIP's text tower: a causal transformer over tokens; transformers' CLIPTextModel.
 *
 * <p>Thread-safe for inference.
 */
public final class ClipTextModel {
    private final Embedding tokenEmbedding;
    private final Embedding positionEmbedding;
    private final List<Layer> layers = new ArrayList<>();
    private final LayerNorm finalLayerNorm;

    public ClipTextModel(Weights w, ClipTextConfig c) {
        var embeddings = w.in("embeddings");
        embeddings.ignore("position_ids"); // a buffer of older files: 0, 1, 2, ...
        tokenEmbedding =
                new Embedding(embeddings.in("token_embedding"), c.vocabSize(), c.hiddenSize());
        positionEmbedding =
                new Embedding(
                        embeddings.in("position_embedding"),
                        c.maxPositionEmbeddings(),
                        c.hiddenSize());
        for (int i = 0; i < c.numHiddenLayers(); i++) {
            layers.add(new Layer(w.in("encoder").in("layers").in(i), c));
        }
        finalLayerNorm = new LayerNorm(w.in("final_layer_norm"), c.hiddenSize(), c.layerNormEps());
    }

    /**
     * @param ids int64 [B, L], L at most maxPositionEmbeddings
     * @return the last hidden state after the final norm, [B, L, hiddenSize], in the weights' dtype
     */
    public NDArray forward(NDArray ids) {
        return states(ids).last();
    }

    /**
     * States of the tokens, in the weights' dtype.
     *
     * @param penultimate what the last layer takes, [B, L, hiddenSize]
     * @param last what the last layer makes, after the final norm, [B, L, hiddenSize]
     */
    public record States(NDArray penultimate, NDArray last) {}

    /** The last state and the one before it; argument as for {@link #forward}. */
    public States states(NDArray ids) {
        long length = ids.getShape().get(1);
        var manager = ids.getManager();
        var positions = manager.arange((int) length).toType(ids.getDataType(), false);
        var h = tokenEmbedding.forward(ids).add(positionEmbedding.forward(positions));
        var before = h;
        for (var layer : layers) {
            before = h;
            h = layer.forward(before);
        }
        return new States(before, finalLayerNorm.forward(h));
    }

    /** Pre-norm transformer layer; transformers' CLIPEncoderLayer. */
    private static final class Layer {
        private final LayerNorm layerNorm1;
        private final LayerNorm layerNorm2;
        private final Linear qProj;
        private final Linear kProj;
        private final Linear vProj;
        private final Linear outProj;
        private final Linear fc1;
        private final Linear fc2;
        private final int heads;
        private final boolean quickGelu;

        Layer(Weights w, ClipTextConfig c) {
            int width = c.hiddenSize();
            layerNorm1 = new LayerNorm(w.in("layer_norm1"), width, c.layerNormEps());
            layerNorm2 = new LayerNorm(w.in("layer_norm2"), width, c.layerNormEps());
            var attention = w.in("self_attn");
            qProj = new Linear(attention.in("q_proj"), width, width, true);
            kProj = new Linear(attention.in("k_proj"), width, width, true);
            vProj = new Linear(attention.in("v_proj"), width, width, true);
            outProj = new Linear(attention.in("out_proj"), width, width, true);
            fc1 = new Linear(w.in("mlp").in("fc1"), width, c.intermediateSize(), true);
            fc2 = new Linear(w.in("mlp").in("fc2"), c.intermediateSize(), width, true);
            heads = c.numAttentionHeads();
            quickGelu = c.quickGelu();
        }

        NDArray forward(NDArray x) {
            var h = layerNorm1.forward(x); // [B, L, W]
            var q = split(qProj.forward(h)); // [B, heads, L, d]
            var k = split(kProj.forward(h));
            var v = split(vProj.forward(h));
            var a = Ops.causalAttention(q, k, v).transpose(0, 2, 1, 3).reshape(x.getShape());
            var attended = x.add(outProj.forward(a));
            var f = fc1.forward(layerNorm2.forward(attended)); // [B, L, intermediate]
            return attended.add(fc2.forward(quickGelu ? Ops.quickGelu(f) : Ops.gelu(f)));
        }

        private NDArray split(NDArray x) {
            var s = x.getShape();
            return x.reshape(s.get(0), s.get(1), heads, s.get(2) / heads).transpose(0, 2, 1, 3);
        }
    }
}
