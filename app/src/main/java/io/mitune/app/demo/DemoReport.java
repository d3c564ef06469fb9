package io.mitune.app.demo;

import io.mitune.app.cli.ProgressBar;
import io.mitune.app.local.LocalStack;
import io.mitune.app.report.Report;
import io.mitune.app.report.Report.Curve;
import io.mitune.app.report.Report.Grid;
import io.mitune.app.report.Report.Mark;
import io.mitune.app.report.Report.Pair;
import io.mitune.app.report.Report.Pairs;
import io.mitune.app.report.Report.Picture;
import io.mitune.app.report.Report.Point;
import io.mitune.app.report.Report.Prompt;
import io.mitune.app.report.Report.Section;
import io.mitune.app.report.Report.Table;
import io.mitune.schemas.Candidate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Turns the demo's results into tables and a page.
 *
 * @param round the last round, whose candidates are shown
 * @param selection what choosing by MI was worth
 * @param test the test images
 * @param warning what to know of the model before looking
 * @param stages where the time went
 */
record DemoReport(
        int round,
        Optional<String> warning,
        Selection selection,
        TestImages test,
        List<Stage> stages) {
    private static final int PAIRS_PER_PROMPT = 4;
    private static final int EXTREMES = 2;

    /** Base and adapters by category: accuracy, gain, MI. */
    Table gain() {
        return new Table(
                "Test prompts: base model and adapters",
                "Percent of images with everything right (exact), gain over the base model with"
                        + " the same seeds, mean MI. Plus or minus one standard error over prompts.",
                test.comparison().header(),
                test.comparison().rows());
    }

    /** What choosing by MI was worth. */
    Table choice() {
        return new Table(
                "Tuning prompts: what choosing by MI is worth",
                "Percent right among all candidates of a prompt, and of the one with most and"
                        + " least MI.",
                List.of("", "prompts", "all candidates", "most MI", "least MI"),
                selection.rows());
    }

    /** Where the time went. */
    Table time() {
        var rows = new ArrayList<List<String>>();
        for (var stage : stages) {
            rows.add(List.of(stage.name(), stage.made(), time(stage), rate(stage)));
        }
        return new Table("Time", "", List.of("", "made", "time", "rate"), rows);
    }

    private static String time(Stage stage) {
        return ProgressBar.time(stage.seconds());
    }

    private static String rate(Stage stage) {
        return stage.items() == 0 ? "" : ProgressBar.rate(stage.items() / stage.seconds());
    }

    /** The tables to print, in order. */
    List<Table> tables() {
        return selection.isEmpty() ? List.of(gain(), time()) : List.of(gain(), choice(), time());
    }

    /** The whole page. */
    Report page(LocalStack stack, List<String> texts) {
        var sections = new ArrayList<Section>(tables());
        sections.add(pairs(texts));
        stack.log().state().steps(DemoPlan.RUN).stream()
                .findAny()
                .ifPresent(step -> sections.add(loss(stack)));
        sections.add(candidates(stack));
        return new Report(
                "MI-TUNE demo, round " + round,
                warning.map(w -> w + " ").orElse("")
                        + "Candidates drawn and scored by the model itself, the best by MI kept, a"
                        + " DoRA adapter trained on them, and the same test seeds before and"
                        + " after.",
                sections);
    }

    private Pairs pairs(List<String> texts) {
        var before = test.pictures().get(TestImages.BASE);
        var after = test.pictures().get(TestImages.TUNED);
        var pairs = new ArrayList<Pair>();
        var places = IntStream.range(0, texts.size()).boxed();
        var byGain = Comparator.comparingLong((Integer p) -> right(before, p) - right(after, p));
        places.sorted(byGain)
                .forEach(
                        p ->
                                pairs.add(
                                        new Pair(
                                                texts.get(p),
                                                some(before.get(p)),
                                                some(after.get(p)))));
        return new Pairs(
                "Test images before and after",
                "Same prompts, same seeds; where the adapter helps most comes first, where it harms"
                        + " last. Green: everything is right.",
                pairs);
    }

    private static long right(List<List<Picture>> pictures, int prompt) {
        return pictures.get(prompt).stream().filter(p -> p.mark() == Mark.RIGHT).count();
    }

    private static List<Picture> some(List<Picture> pictures) {
        return pictures.subList(0, Math.min(PAIRS_PER_PROMPT, pictures.size()));
    }

    private static Curve loss(LocalStack stack) {
        var points =
                stack.log().state().steps(DemoPlan.RUN).stream()
                        .filter(step -> Double.isFinite(step.getLoss()))
                        .map(step -> new Point(step.getStep(), step.getLoss()))
                        .toList();
        return new Curve("Training loss", "", "optimizer step", "loss", points);
    }

    private Grid candidates(LocalStack stack) {
        var byPrompt = new TreeMap<String, List<Candidate>>();
        for (var c : stack.log().state().candidates(DemoPlan.RUN, round)) {
            if (c.getPreview() != null) {
                byPrompt.computeIfAbsent(c.getText(), t -> new ArrayList<>()).add(c);
            }
        }
        var prompts = new ArrayList<Prompt>();
        byPrompt.forEach((text, list) -> prompts.add(prompt(stack, text, list)));
        return new Grid(
                "Candidates",
                "Most and least MI first; open a prompt to see all its candidates.",
                prompts);
    }

    private static Prompt prompt(LocalStack stack, String text, List<Candidate> candidates) {
        candidates.sort(Comparator.comparingDouble(Candidate::getMi).reversed());
        var pictures = new ArrayList<Picture>();
        for (var i = 0; i < candidates.size(); i++) {
            var mark = i == 0 ? Mark.BEST : i == candidates.size() - 1 ? Mark.WORST : Mark.NONE;
            var c = candidates.get(i);
            var label = String.format(Locale.ROOT, "MI %.2f", c.getMi());
            pictures.add(new Picture(stack.blobs().get(c.getPreview()), label, mark));
        }
        var ends = Math.min(EXTREMES, pictures.size() / 2);
        var shown = new ArrayList<>(pictures.subList(0, ends));
        shown.addAll(pictures.subList(pictures.size() - ends, pictures.size()));
        return new Prompt(text, candidates.size() + " candidates", shown, pictures);
    }
}
