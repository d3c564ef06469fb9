package io.mitune.diffusion.model.clip;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.Script;
import io.mitune.diffusion.nn.Weights;
import java.util.Arrays;

/**
 * CLIP's text tower with the map into the space that texts and pictures share; transformers'
 * CLIPTextModelWithProjection.
 *
 * <p>Thread-safe for inference.
 */
public final class ClipTextModelWithProjection {
    /** Old configurations say this whatever the end token is. */
    private static final int LARGEST_ID = 2;

    private static final Script ROWS =
            Script.of(
                    "x: Tensor, rows: Tensor",
                    "Tensor",
                    "return torch.index_select(torch.flatten(x, 0, 1), 0, rows)");

    private final ClipTextModel textModel;
    private final Linear textProjection;
    private final int eosTokenId;

    public ClipTextModelWithProjection(Weights w, ClipTextConfig c) {
        textModel = new ClipTextModel(w.in("text_model"), c);
        textProjection =
                new Linear(w.in("text_projection"), c.hiddenSize(), c.projectionDim(), false);
        eosTokenId = c.eosTokenId();
    }

    /**
     * Texts in the weights' dtype.
     *
     * @param penultimate states of the tokens before the last layer, [B, L, hiddenSize]
     * @param projected a vector per text, [B, projectionDim]
     */
    public record Output(NDArray penultimate, NDArray projected) {}

    /**
     * @param ids int64 [B, L], L at most maxPositionEmbeddings
     */
    public Output forward(NDArray ids) {
        var states = textModel.states(ids);
        int length = (int) ids.getShape().get(1);
        var tokens = ids.toLongArray();
        var rows = new long[tokens.length / length];
        for (int b = 0; b < rows.length; b++) {
            var text = Arrays.copyOfRange(tokens, b * length, (b + 1) * length);
            rows[b] = b * length + end(text, eosTokenId);
        }
        var ends = ROWS.call(states.last(), ids.getManager().create(rows)); // [B, hiddenSize]
        return new Output(states.penultimate(), textProjection.forward(ends));
    }

    /** Place of the first end token, or 0 without one; or of the first largest id. */
    static int end(long[] text, int eosTokenId) {
        long sought = eosTokenId == LARGEST_ID ? Arrays.stream(text).max().orElse(0) : eosTokenId;
        int end = 0;
        while (end < text.length && text[end] != sought) {
            end++;
        }
        return end < text.length ? end : 0;
    }
}
