package io.mitune.streams.curator;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.Vote;
import io.mitune.schemas.VoteLimits;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often each candidate was shown to people and chosen.
 *
 * <p>Made from the votes in the order of their partitions: of two with the same answer and prompt
 * the later one counts. Votes that break {@link VoteLimits} count nothing. Immutable.
 */
public final class VoteTally {
    /** No votes at all. */
    public static final VoteTally NONE = of(java.util.List.of());

    private final Map<String, Count> counts;

    /** Answers that showed a candidate, and that chose it. */
    record Count(int shown, int chosen) {
        static final Count ZERO = new Count(0, 0);

        double share() {
            return shown == 0 ? 0 : (double) chosen / shown;
        }

        Count plus(boolean wasChosen) {
            return new Count(shown + 1, chosen + (wasChosen ? 1 : 0));
        }
    }

    private VoteTally(Map<String, Count> counts) {
        this.counts = Map.copyOf(counts);
    }

    /** The tally of these votes. */
    public static VoteTally of(Collection<Vote> votes) {
        Map<String, Vote> answers = new LinkedHashMap<>();
        for (var vote : votes) {
            if (VoteLimits.fault(vote).isEmpty()) {
                answers.put(vote.getPromptId() + "/" + vote.getAnswerId(), vote);
            }
        }
        Map<String, Count> counts = new HashMap<>();
        answers.values().forEach(vote -> add(counts, vote));
        return new VoteTally(counts);
    }

    Count of(Candidate c) {
        return counts.getOrDefault(key(c.getRun(), c.getCandidateId()), Count.ZERO);
    }

    /** A picture that is shown twice in one answer counts once, as chosen if it ever was. */
    private static void add(Map<String, Count> counts, Vote vote) {
        var shown = new HashMap<String, Boolean>();
        var chosen = new HashSet<>(vote.getChosen());
        for (int i = 0; i < vote.getOptions().size(); i++) {
            var option = vote.getOptions().get(i);
            if (option.getCandidateId() != null) {
                var key = key(option.getRun(), option.getCandidateId());
                shown.merge(key, chosen.contains(i), Boolean::logicalOr);
            }
        }
        shown.forEach(
                (key, was) -> counts.put(key, counts.getOrDefault(key, Count.ZERO).plus(was)));
    }

    private static String key(String run, String candidateId) {
        return run + "/" + candidateId;
    }
}
