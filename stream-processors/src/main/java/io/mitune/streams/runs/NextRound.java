package io.mitune.streams.runs;

import io.mitune.schemas.Identity;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.RunLimits;

/**
 * What a prompt asks for in the round that follows.
 *
 * <p>The same prompt under the same id, so that a prompt can be followed from round to round; which
 * adapter draws it is the planner's affair. Nothing in it comes from a clock. Pure.
 */
final class NextRound {
    private NextRound() {}

    /**
     * @param draw {@link RunLimits#NEW_SEEDS} or {@link RunLimits#SAME_SEEDS}
     */
    static PromptRequest of(PromptRequest before, String draw) {
        int round = before.getRound() + 1;
        long seed =
                draw.equals(RunLimits.SAME_SEEDS)
                        ? before.getSeed()
                        : Identity.roundSeed(before.getSeed(), round);
        return PromptRequest.newBuilder(before).setRound(round).setSeed(seed).build();
    }
}
