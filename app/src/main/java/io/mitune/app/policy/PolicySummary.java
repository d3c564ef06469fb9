package io.mitune.app.policy;

import io.mitune.schemas.PolicyEvent;
import java.util.ArrayList;
import java.util.TreeMap;

/** A policy in one line. Stateless. */
final class PolicySummary {
    private PolicySummary() {}

    static String of(PolicyEvent e) {
        var parts = new ArrayList<String>();
        parts.add(e.getSelection());
        add(parts, "keep", e.getKeep() == 0 ? null : e.getKeep());
        add(parts, "estimator", e.getEstimator().equals("official") ? null : e.getEstimator());
        add(
                parts,
                "window",
                e.getWindowFrom() == null ? null : e.getWindowFrom() + ":" + e.getWindowTo());
        add(parts, "threshold", e.getThreshold());
        add(parts, "margin", e.getMargin());
        add(
                parts,
                "similarity in the " + e.getSimilarityScope() + " at most",
                e.getMaxSimilarity());
        add(parts, "quotas", e.getQuotas().isEmpty() ? null : new TreeMap<>(e.getQuotas()));
        add(parts, "votes", e.getVoteWeight() == 0 ? null : e.getVoteWeight());
        add(parts, "run suffix", e.getRunSuffix().isEmpty() ? null : e.getRunSuffix());
        return String.join(", ", parts);
    }

    private static void add(ArrayList<String> parts, String name, Object value) {
        if (value != null) {
            parts.add(name + " " + value);
        }
    }
}
