package io.mitune.streams.curator;

/**
 * How far the votes of people change the order by score.
 *
 * <p>Both are brought to 0..1 within the prompt: the score by its place (the share of the other
 * valid candidates that it beats, ties half), the votes by the share of the answers in which a
 * candidate was shown that chose it. Nobody has voted when a prompt closes, so only {@code
 * recurate} counts votes. Immutable.
 *
 * @param weight of the votes, 0 to 1; 0 for none
 * @param minVotes answers that must have shown a candidate before its votes count; until then its
 *     share is taken for a half
 */
public record VoteMix(double weight, int minVotes) {
    private static final double UNKNOWN = 0.5;

    /** The score alone. */
    public static final VoteMix NONE = new VoteMix(0, 1);

    public VoteMix {
        PolicyFault.unless(weight >= 0 && weight <= 1, "voteWeight: expected 0 to 1", weight);
        PolicyFault.unless(minVotes >= 1, "minVotes: expected 1 or more", minVotes);
    }

    boolean isNone() {
        return weight == 0;
    }

    /**
     * @param place 0..1 by score
     */
    double of(double place, VoteTally.Count votes) {
        double share = votes.shown() < minVotes ? UNKNOWN : votes.share();
        return (1 - weight) * place + weight * share;
    }
}
