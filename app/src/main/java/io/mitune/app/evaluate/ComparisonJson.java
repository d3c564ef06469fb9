package io.mitune.app.evaluate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.app.grading.Estimate;
import java.util.List;
import java.util.Locale;

/** A comparison as JSON: estimates by category, and every picture's grade and score. Stateless. */
final class ComparisonJson {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private ComparisonJson() {}

    static ObjectNode of(Comparison comparison) {
        var root = JSON.objectNode();
        var arms = root.putArray("arms");
        for (var arm : comparison.arms()) {
            var node = arms.addObject();
            node.put("name", arm.name());
            var accuracy = node.putObject("accuracy");
            var against = node.putObject("accuracy_minus_" + comparison.arms().get(0).name());
            var mi = node.putObject("mi");
            comparison
                    .categories()
                    .forEach(
                            (title, which) -> {
                                accuracy.set(title, estimate(arm.accuracy(which)));
                                var first = comparison.arms().get(0);
                                against.set(title, estimate(arm.accuracyAgainst(first, which)));
                                mi.set(title, estimate(arm.mi(which)));
                            });
            scores(node, comparison, arm);
            var prompts = node.putArray("prompts");
            for (var prompt : arm.prompts()) {
                var row = prompts.addObject();
                row.put("prompt", prompt.prompt());
                row.put("category", prompt.category());
                var right = row.putArray("right");
                prompt.right().forEach(right::add);
                addAll(row.putArray("mi"), prompt.mi());
                prompt.others().forEach((name, values) -> addAll(row.putArray(key(name)), values));
            }
        }
        return root;
    }

    private static void scores(ObjectNode node, Comparison comparison, Arm arm) {
        for (var name : comparison.scores()) {
            var means = node.putObject(key(name));
            var ranks = node.putObject("mi_with_" + key(name));
            comparison
                    .categories()
                    .forEach(
                            (title, which) -> {
                                means.set(title, estimate(arm.score(name, which)));
                                var found = Correlations.of(arm, name, which);
                                var row = ranks.putObject(title);
                                row.put("images", found.images());
                                row.put("spearman", orNull(found.spearman()));
                                row.put("kendall", orNull(found.kendall()));
                                row.set("spearman_within", estimate(found.spearmanWithin()));
                                row.set("kendall_within", estimate(found.kendallWithin()));
                            });
        }
    }

    /** The name of a score as key and column: BLIP-VQA is blip_vqa. */
    static String key(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_");
    }

    private static void addAll(ArrayNode array, List<Double> values) {
        values.forEach(value -> array.add(orNull(value)));
    }

    private static ObjectNode estimate(Estimate estimate) {
        var node = JSON.objectNode();
        node.put("mean", orNull(estimate.mean()));
        node.put("standard_error", orNull(estimate.standardError()));
        node.put("prompts", estimate.count());
        return node;
    }

    private static Double orNull(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
