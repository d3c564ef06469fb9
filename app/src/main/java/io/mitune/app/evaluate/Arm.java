package io.mitune.app.evaluate;

import io.mitune.app.grading.Estimate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What one model or adapter drew for the prompts of an evaluation. Immutable.
 *
 * @param name for tables
 * @param prompts in the evaluation's order, the same in all arms
 */
public record Arm(String name, List<PromptResult> prompts) {

    /**
     * The pictures of one prompt.
     *
     * @param prompt its text
     * @param category its label, or empty
     * @param right per picture, whether everything in it is right; empty when it cannot be graded
     * @param mi per picture, its score
     * @param others further scores by name, per picture; NaN where one has none
     */
    public record PromptResult(
            String prompt,
            String category,
            List<Boolean> right,
            List<Double> mi,
            Map<String, List<Double>> others) {
        /** Copies the lists. */
        public PromptResult {
            right = List.copyOf(right);
            mi = List.copyOf(mi);
            others = new LinkedHashMap<>(others);
        }

        /** Pictures without further scores. */
        public PromptResult(String prompt, String category, List<Boolean> right, List<Double> mi) {
            this(prompt, category, right, mi, Map.of());
        }

        boolean graded() {
            return !right.isEmpty();
        }

        double accuracy() {
            return right.stream().filter(r -> r).count() / (double) right.size();
        }

        /** Mean over the pictures that have this score; NaN when none has. */
        double mean(String score) {
            return others.getOrDefault(score, List.of()).stream()
                    .filter(Double::isFinite)
                    .mapToDouble(v -> v)
                    .average()
                    .orElse(Double.NaN);
        }

        double meanMi() {
            return mi.stream().mapToDouble(v -> v).average().orElse(Double.NaN);
        }
    }

    /** Copies the prompts. */
    public Arm {
        prompts = List.copyOf(prompts);
    }

    /** Share of pictures that are right, over the prompts that can be graded and that pass. */
    public Estimate accuracy(Predicate<PromptResult> which) {
        return over(which.and(PromptResult::graded), PromptResult::accuracy);
    }

    /** Mean score over the prompts that pass. */
    public Estimate mi(Predicate<PromptResult> which) {
        return over(which, PromptResult::meanMi);
    }

    /** Mean of a further score over the prompts that pass and have it. */
    public Estimate score(String name, Predicate<PromptResult> which) {
        return over(which.and(p -> Double.isFinite(p.mean(name))), p -> p.mean(name));
    }

    /** Names of the further scores that any picture has, in order. */
    public Set<String> scores() {
        var names = new LinkedHashSet<String>();
        prompts.forEach(prompt -> names.addAll(prompt.others().keySet()));
        return names;
    }

    /** Accuracy minus that of another arm, paired by prompt and seed. */
    public Estimate accuracyAgainst(Arm other, Predicate<PromptResult> which) {
        var differences = new ArrayList<Double>();
        for (var i = 0; i < prompts.size(); i++) {
            if (prompts.get(i).graded() && which.test(prompts.get(i))) {
                differences.add(prompts.get(i).accuracy() - other.prompts.get(i).accuracy());
            }
        }
        return Estimate.of(differences);
    }

    private Estimate over(
            Predicate<PromptResult> which, Function<PromptResult, Double> valueOfPrompt) {
        return Estimate.of(prompts.stream().filter(which).map(valueOfPrompt).toList());
    }
}
