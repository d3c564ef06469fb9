package io.mitune.app.demo;

import io.mitune.app.grading.Estimate;
import io.mitune.app.grading.Grade;
import io.mitune.app.grading.Scene;
import io.mitune.app.grading.SceneDetector;
import io.mitune.diffusion.image.Png;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.blobs.BlobStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * What choosing by MI is worth: exact accuracy of all candidates, of the best and of the worst.
 *
 * <p>Judged on the candidates' own pictures, so it costs no device time. Prompts that are no drawn
 * scenes have no exact grade and are left out. Immutable.
 */
final class Selection {

    /** The accuracy of one prompt's candidates: the mean of all, the best by MI, the worst. */
    private record OfPrompt(Scene.Category category, double all, double best, double worst) {}

    private final List<OfPrompt> prompts;

    private Selection(List<OfPrompt> prompts) {
        this.prompts = prompts;
    }

    /** Grades the candidates of a round. */
    static Selection of(List<Candidate> candidates, BlobStore blobs) {
        var byPrompt = new TreeMap<String, List<Candidate>>();
        for (var c : candidates) {
            if (c.getFailure() == null && c.getPreview() != null) {
                byPrompt.computeIfAbsent(c.getPromptId(), id -> new ArrayList<>()).add(c);
            }
        }
        var graded = new ArrayList<OfPrompt>();
        for (var group : byPrompt.values()) {
            if (gradable(group.get(0), blobs)) {
                var scene = Scene.parse(group.get(0).getText());
                scene.ifPresent(s -> graded.add(grade(s, group, blobs)));
            }
        }
        return new Selection(List.copyOf(graded));
    }

    /** Whether there is any prompt that can be graded. */
    boolean isEmpty() {
        return prompts.isEmpty();
    }

    /** Rows of: prompts, how many, all candidates, best by MI, worst by MI; in percent. */
    List<List<String>> rows() {
        Map<Scene.Category, List<OfPrompt>> parts = new EnumMap<>(Scene.Category.class);
        prompts.forEach(p -> parts.computeIfAbsent(p.category(), c -> new ArrayList<>()).add(p));
        var rows = new ArrayList<List<String>>();
        parts.forEach((category, part) -> rows.add(row(category.title(), part)));
        rows.add(row("all", prompts));
        return rows;
    }

    private static boolean gradable(Candidate candidate, BlobStore blobs) {
        var picture = Png.decode(blobs.get(candidate.getPreview())).image();
        return picture.width() == SceneDetector.SIDE && picture.height() == SceneDetector.SIDE;
    }

    private static List<String> row(String name, List<OfPrompt> part) {
        return List.of(
                name,
                Integer.toString(part.size()),
                percent(part, OfPrompt::all),
                percent(part, OfPrompt::best),
                percent(part, OfPrompt::worst));
    }

    private static String percent(List<OfPrompt> part, ToDoubleFunction<OfPrompt> value) {
        return Estimate.of(part.stream().map(value::applyAsDouble).toList()).percent();
    }

    private static OfPrompt grade(Scene scene, List<Candidate> group, BlobStore blobs) {
        var byMi = Comparator.comparingDouble(Candidate::getMi);
        var right = new TreeMap<Integer, Double>();
        for (var c : group) {
            var picture = Png.decode(blobs.get(c.getPreview())).image();
            right.put(c.getIndex(), Grade.of(scene, picture.pixels()).right() ? 1.0 : 0.0);
        }
        var best = group.stream().max(byMi.thenComparing(Candidate::getIndex, reversed()));
        var worst = group.stream().min(byMi.thenComparing(Candidate::getIndex));
        return new OfPrompt(
                scene.category(),
                right.values().stream().mapToDouble(v -> v).average().orElseThrow(),
                rightOf(best, right),
                rightOf(worst, right));
    }

    private static Comparator<Integer> reversed() {
        return Comparator.reverseOrder();
    }

    private static double rightOf(Optional<Candidate> candidate, Map<Integer, Double> right) {
        return right.get(candidate.orElseThrow().getIndex());
    }
}
