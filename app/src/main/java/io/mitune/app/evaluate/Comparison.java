package io.mitune.app.evaluate;

import io.mitune.app.evaluate.Arm.PromptResult;
import io.mitune.app.grading.Estimate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Arms side by side, by category; the first is the one that the others are compared with.
 * Immutable.
 */
public record Comparison(List<Arm> arms) {
    private static final String ALL = "all";

    /** Copies the arms; there must be one. */
    public Comparison {
        arms = List.copyOf(arms);
        if (arms.isEmpty()) {
            throw new IllegalArgumentException("comparison: expected an arm, found none");
        }
    }

    /** Column heads for {@link #rows}. */
    public List<String> header() {
        var header = new ArrayList<>(List.of("", "prompts"));
        if (isGraded()) {
            arms.forEach(arm -> header.add(arm.name() + " % right"));
            others().forEach(arm -> header.add(arm.name() + " - " + arms.get(0).name()));
        }
        arms.forEach(arm -> header.add(arm.name() + " MI"));
        scores().forEach(name -> arms.forEach(arm -> header.add(arm.name() + " " + name)));
        return header;
    }

    /** One row for all prompts and one per category: values with standard errors over prompts. */
    public List<List<String>> rows() {
        var rows = new ArrayList<List<String>>();
        categories().forEach((title, which) -> rows.add(row(title, which)));
        return rows;
    }

    /** All prompts first, then the categories in the order of the prompts. */
    Map<String, Predicate<PromptResult>> categories() {
        var categories = new LinkedHashMap<String, Predicate<PromptResult>>();
        categories.put(ALL, prompt -> true);
        for (var prompt : arms.get(0).prompts()) {
            if (!prompt.category().isEmpty()) {
                categories.put(
                        prompt.category(), other -> other.category().equals(prompt.category()));
            }
        }
        return categories;
    }

    /** Whether any prompt asks for a scene that can be graded. */
    public boolean isGraded() {
        return arms.get(0).prompts().stream().anyMatch(PromptResult::graded);
    }

    /** Names of the further scores that any arm has, in order. */
    Set<String> scores() {
        var names = new LinkedHashSet<String>();
        arms.forEach(arm -> names.addAll(arm.scores()));
        return names;
    }

    List<Arm> others() {
        return arms.subList(1, arms.size());
    }

    private List<String> row(String title, Predicate<PromptResult> which) {
        var count = arms.get(0).prompts().stream().filter(which).count();
        var row = new ArrayList<>(List.of(title, Long.toString(count)));
        if (isGraded()) {
            arms.forEach(arm -> row.add(arm.accuracy(which).percent()));
            others().forEach(arm -> row.add(against(arm, which).signedPercent()));
        }
        arms.forEach(arm -> row.add(arm.mi(which).decimals(3)));
        scores().forEach(name -> arms.forEach(arm -> row.add(arm.score(name, which).decimals(4))));
        return row;
    }

    private Estimate against(Arm arm, Predicate<PromptResult> which) {
        return arm.accuracyAgainst(arms.get(0), which);
    }
}
