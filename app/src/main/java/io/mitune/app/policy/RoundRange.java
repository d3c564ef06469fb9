package io.mitune.app.policy;

import io.mitune.app.cli.UserError;
import java.util.function.IntPredicate;

/** Rounds as a user names them: 2, or 1-3. Immutable. */
record RoundRange(int first, int last) implements IntPredicate {
    static final RoundRange ALL = new RoundRange(1, Integer.MAX_VALUE);

    static RoundRange of(String text) {
        var ends = text.split("-", 2);
        try {
            int first = Integer.parseInt(ends[0]);
            int last = ends.length > 1 ? Integer.parseInt(ends[1]) : first;
            if (first >= 1 && first <= last) {
                return new RoundRange(first, last);
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new UserError("--rounds: expected a round such as 2, or 1-3, found " + text);
    }

    @Override
    public boolean test(int round) {
        return round >= first && round <= last;
    }
}
