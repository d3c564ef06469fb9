package io.mitune.streams.curator;

import java.util.Map;
import java.util.OptionalInt;

/**
 * What depends on a round as a whole: such choices wait until all its prompts are closed, so that
 * neither the speed of workers nor the order of arrival enters. Immutable.
 *
 * @param quotas most samples of each category in a round; {@value #OTHERS} for categories without
 *     an entry
 * @param similarity whether the greatest similarity holds across the prompts of a round
 */
public record RoundRule(Map<String, Integer> quotas, boolean similarity) {
    /** Stands for every category without an entry of its own. */
    public static final String OTHERS = "*";

    /** Rounds of more prompts are not held by any rule. */
    public static final int MAX_PROMPTS = 10_000;

    /** A round is decided within one transaction, which must not time out on a busy machine. */
    private static final int MAX_CHOICES = 40_000;

    /** All pairs are compared. */
    private static final int MAX_COMPARED = 4_000;

    /** Bounds what a held round takes. */
    static final int MAX_KEEP = 16;

    private static final int MAX_QUOTAS = 1000;

    /** Prompts have nothing to do with each other. */
    public static final RoundRule NONE = new RoundRule(Map.of(), false);

    public RoundRule {
        quotas = Map.copyOf(quotas);
        PolicyFault.unless(
                quotas.size() <= MAX_QUOTAS,
                "quotas: expected at most " + MAX_QUOTAS + " categories",
                quotas.size());
        quotas.forEach(
                (category, most) ->
                        PolicyFault.unless(
                                most >= 0, "quotas: expected 0 or more for " + category, most));
    }

    OptionalInt quota(String category) {
        var most = quotas.getOrDefault(category, quotas.get(OTHERS));
        return most == null ? OptionalInt.empty() : OptionalInt.of(most);
    }

    /** Prompts of the largest round that is held. */
    int maxPrompts(int keep) {
        return similarity ? MAX_COMPARED / keep : Math.min(MAX_PROMPTS, MAX_CHOICES / keep);
    }

    boolean isNone() {
        return quotas.isEmpty() && !similarity;
    }
}
