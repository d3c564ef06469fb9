package io.mitune.app.evaluate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.app.grading.Estimate;

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
            var prompts = node.putArray("prompts");
            for (var prompt : arm.prompts()) {
                var row = prompts.addObject();
                row.put("prompt", prompt.prompt());
                row.put("category", prompt.category());
                var right = row.putArray("right");
                prompt.right().forEach(right::add);
                var scores = row.putArray("mi");
                prompt.mi().forEach(v -> scores.add(Double.isFinite(v) ? v : null));
            }
        }
        return root;
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
