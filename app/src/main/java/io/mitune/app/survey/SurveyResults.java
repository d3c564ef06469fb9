package io.mitune.app.survey;

import io.mitune.schemas.Vote;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a campaign's votes say. Immutable.
 *
 * @param campaign its name
 * @param voters who gave at least one answer
 * @param answers each counted once
 * @param methods in alphabetical order
 * @param shares by category, {@link #ALL} first, and method
 * @param mi how far they agree with MI
 * @param alpha how far voters agree with each other
 */
record SurveyResults(
        String campaign,
        int voters,
        int answers,
        List<String> methods,
        Map<String, Map<String, Share>> shares,
        MiAgreement mi,
        double alpha) {
    static final String ALL = "all";
    static final String NO_CATEGORY = "no category";

    /**
     * Counts.
     *
     * @param votes of one campaign, each answer once
     */
    static SurveyResults of(String campaign, Collection<Vote> votes) {
        var methods = new TreeSet<String>();
        var all = new TreeMap<String, Share>();
        var byCategory = new TreeMap<String, Map<String, Share>>();
        var pictures = new HashMap<String, Share>();
        for (var vote : votes) {
            var category = vote.getCategory().isEmpty() ? NO_CATEGORY : vote.getCategory();
            var of = byCategory.computeIfAbsent(category, c -> new TreeMap<>());
            var chosen = new HashSet<>(vote.getChosen());
            for (var i = 0; i < vote.getOptions().size(); i++) {
                var method = vote.getOptions().get(i).getMethod();
                methods.add(method);
                count(all, method, chosen.contains(i));
                count(of, method, chosen.contains(i));
                count(pictures, vote.getQuestionId() + "/" + method, chosen.contains(i));
            }
        }
        var shares = new LinkedHashMap<String, Map<String, Share>>();
        shares.put(ALL, all);
        if (byCategory.size() > 1 || !byCategory.containsKey(NO_CATEGORY)) {
            shares.putAll(byCategory);
        }
        return new SurveyResults(
                campaign,
                (int) votes.stream().map(Vote::getVoterId).distinct().count(),
                votes.size(),
                List.copyOf(methods),
                shares,
                MiAgreement.of(votes),
                VoterAgreement.alpha(pictures.values()));
    }

    private static void count(Map<String, Share> shares, String method, boolean wasChosen) {
        shares.put(method, shares.getOrDefault(method, Share.NONE).plus(wasChosen));
    }
}
