package io.mitune.app.evaluate;

import io.mitune.app.evaluate.Arm.PromptResult;
import io.mitune.app.grading.Estimate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * How the MI orders images beside another score.
 *
 * <p>Over all images both scores also tell easy prompts from hard ones; within a prompt they tell
 * its better images from its worse ones, which is what selecting candidates needs. Immutable.
 *
 * @param images that have both scores
 * @param spearman over all of them
 * @param kendall over all of them
 * @param spearmanWithin mean over the prompts where both scores tell images apart
 * @param kendallWithin likewise
 */
record Correlations(
        int images,
        double spearman,
        double kendall,
        Estimate spearmanWithin,
        Estimate kendallWithin) {

    /** Those of the MI and a further score, over the prompts that pass. */
    static Correlations of(Arm arm, String score, Predicate<PromptResult> which) {
        var allMi = new ArrayList<Double>();
        var allOthers = new ArrayList<Double>();
        var spearman = new ArrayList<Double>();
        var kendall = new ArrayList<Double>();
        for (var prompt : arm.prompts()) {
            if (!which.test(prompt) || !prompt.others().containsKey(score)) {
                continue;
            }
            var mi = new ArrayList<Double>();
            var others = new ArrayList<Double>();
            for (var i = 0; i < prompt.mi().size(); i++) {
                var other = prompt.others().get(score).get(i);
                if (Double.isFinite(prompt.mi().get(i)) && Double.isFinite(other)) {
                    mi.add(prompt.mi().get(i));
                    others.add(other);
                }
            }
            allMi.addAll(mi);
            allOthers.addAll(others);
            spearman.add(RankCorrelation.spearman(mi, others));
            kendall.add(RankCorrelation.kendall(mi, others));
        }
        spearman.removeIf(value -> value.isNaN());
        kendall.removeIf(value -> value.isNaN());
        return new Correlations(
                allMi.size(),
                RankCorrelation.spearman(allMi, allOthers),
                RankCorrelation.kendall(allMi, allOthers),
                Estimate.of(spearman),
                Estimate.of(kendall));
    }

    /** Column heads for {@link #rows}. */
    static List<String> header() {
        return List.of(
                "",
                "images",
                "Spearman",
                "Kendall",
                "Spearman within prompt",
                "Kendall within prompt",
                "prompts");
    }

    /** A row for each arm, score and category. */
    static List<List<String>> rows(Comparison comparison) {
        var rows = new ArrayList<List<String>>();
        for (var name : comparison.scores()) {
            for (var arm : comparison.arms()) {
                comparison
                        .categories()
                        .forEach(
                                (title, which) -> {
                                    var head = arm.name() + ", MI and " + name + ", " + title;
                                    rows.add(of(arm, name, which).row(head));
                                });
            }
        }
        return rows;
    }

    private List<String> row(String head) {
        return List.of(
                head,
                Integer.toString(images),
                decimals(spearman),
                decimals(kendall),
                spearmanWithin.decimals(3),
                kendallWithin.decimals(3),
                Integer.toString(spearmanWithin.count()));
    }

    private static String decimals(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.3f", value);
    }
}
