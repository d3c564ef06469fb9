package io.mitune.diffusion.model.sd3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.mitune.diffusion.model.DenoiserBlock;
import io.mitune.diffusion.model.sd3.JointAttention.Kind;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.Weights;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Image and text tokens attend to each other, then each passes its own perceptron; diffusers'
 * JointTransformerBlock.
 *
 * <p>The text tokens are the state that a block takes from the one before; the last block leaves
 * none.
 */
final class JointBlock implements DenoiserBlock {
    private final String path;
    private final TokenStream image;
    private final Optional<TokenStream> text; // empty in the last block
    private final Optional<ContinuousNorm> lastText; // there alone
    private final JointAttention attn;
    private final Optional<JointAttention> attn2;

    /**
     * @param w weights of the block
     * @param layer its place among the blocks
     */
    JointBlock(Weights w, Sd3Config c, int layer) {
        path = w.path();
        boolean last = c.contextPreOnly(layer);
        image = new TokenStream(w, "", c, c.dual(layer));
        text = last ? Optional.empty() : Optional.of(new TokenStream(w, "_context", c, false));
        lastText =
                last ? Optional.of(new ContinuousNorm(w.in("norm1_context"), c)) : Optional.empty();
        attn = new JointAttention(w.in("attn"), c, last ? Kind.IMAGE_TO_TEXT : Kind.IMAGE_AND_TEXT);
        attn2 =
                c.dual(layer)
                        ? Optional.of(new JointAttention(w.in("attn2"), c, Kind.IMAGE_ALONE))
                        : Optional.empty();
    }

    @Override
    public int skipsTaken() {
        return 1;
    }

    @Override
    public String path() {
        return path;
    }

    Stream<Linear> projections() {
        return Stream.concat(
                attn.projections().stream(), attn2.stream().flatMap(a -> a.projections().stream()));
    }

    @Override
    public NDList forward(NDArray hidden, NDList skips, NDList constants) {
        var context = skips.get(0);
        var steering = constants.get(0);
        try (var m = image.modulation(steering);
                var entered = image.enter(hidden, m)) {
            if (lastText.isPresent()) {
                try (var c = lastText.get().forward(context, steering);
                        var attended = attn.forward(entered.get(0), c)) {
                    return new NDList(leave(hidden, m, entered, attended.get(0)));
                }
            }
            var side = text.orElseThrow();
            try (var mc = side.modulation(steering);
                    var c = side.enter(context, mc);
                    var attended = attn.forward(entered.get(0), c.get(0))) {
                var x = leave(hidden, m, entered, attended.get(0));
                return new NDList(x, side.leave(context, mc, new NDList(attended.get(1))));
            }
        }
    }

    private NDArray leave(NDArray x, NDArray m, NDList entered, NDArray attended) {
        if (attn2.isEmpty()) {
            return image.leave(x, m, new NDList(attended));
        }
        try (var again = attn2.get().forward(entered.get(1), entered.get(1))) {
            return image.leave(x, m, new NDList(attended, again.get(0)));
        }
    }
}
