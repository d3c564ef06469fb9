package io.mitune.app.demo;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.TextTable;
import io.mitune.app.cli.UserError;
import io.mitune.app.dashboard.LocalDashboard;
import io.mitune.app.grading.Scene;
import io.mitune.app.local.LocalStack;
import io.mitune.app.metrics.RoleMetrics;
import io.mitune.app.report.HtmlReport;
import io.mitune.app.tensorboard.TensorBoardLog;
import io.mitune.producers.Prompt;
import io.mitune.producers.PromptSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The demo from start to report. Belongs to one thread.
 *
 * @param dashboard shows it live
 * @param stopped asked now and then; true ends the demo with {@link DemoStopped}
 */
record DemoJob(DemoPlan plan, LocalDashboard dashboard, Console console, BooleanSupplier stopped) {

    void run() throws IOException {
        var start = System.nanoTime();
        var source = PromptSource.withCategory(DemoJob::category);
        var prompts = source.file(plan.prompts());
        var validation = source.file(plan.validationPrompts()).accepted();
        var test = source.file(plan.testPrompts()).accepted();
        var runs = DemoRecipe.runs(plan);
        console.remark("data: " + plan.dataDir().toAbsolutePath().normalize());
        plan.model().make();
        plan.model().warning().ifPresent(console::remark);
        var settings = DemoRecipe.stack(plan, validation);
        try (var stack = LocalStack.start(settings, new RoleMetrics())) {
            stack.add(dashboard.start(stack.connection(), stack.blobs(), console));
            var curves = plan.dataDir().resolve("tensorboard");
            stack.add(TensorBoardLog.follow(stack.connection(), curves, runs::contains));
            var rounds = new DemoRounds(plan, stack, runs, console, stopped);
            rounds.await(stack.log()::caughtUp);
            var guard = new DemoGuard(stack.connection(), runs, console);
            var round = firstRound(stack, runs);
            guard.begin(plan.guard());
            var end = round + plan.rounds();
            var stages = new ArrayList<Stage>();
            stages.add(new Stage("start", 0, "", (System.nanoTime() - start) / 1e9));
            rounds.run(round, prompts);
            while (guard.goesOn(stack.log().state()) && round + 1 < end) {
                round++;
                rounds.run(round, prompts);
            }
            stages.addAll(rounds.stages());
            var begun = System.nanoTime();
            var images = TestImages.draw(plan, stack, runs, test, console, stopped);
            var seconds = (System.nanoTime() - begun) / 1e9;
            var count = test.size() * plan.scale().testImages() * images.comparison().arms().size();
            stages.add(new Stage("test images", count, "images", seconds));
            var candidates = stack.log().state().candidates(DemoPlan.RUN, round);
            var selection = Selection.of(candidates, stack.blobs());
            var total = (System.nanoTime() - start) / 1e9;
            stages.add(new Stage("all", 0, "", total));
            var lead = plan.model().warning();
            show(stack, new DemoReport(round, lead, selection, images, stages), test);
        }
    }

    private void show(LocalStack stack, DemoReport report, List<Prompt> test) throws IOException {
        report.warning()
                .ifPresent(
                        warning -> {
                            console.print("");
                            console.print(warning);
                        });
        for (var table : report.tables()) {
            console.print("");
            console.print(table.title());
            TextTable.lines(table.header(), table.rows()).forEach(console::print);
        }
        var deadLetters = stack.log().state().deadLetters();
        if (deadLetters > 0) {
            console.remark(deadLetters + " dead letters; see mitune tap dead-letters");
        }
        Path page = plan.dataDir().resolve("report.html");
        HtmlReport.write(report.page(stack, test.stream().map(Prompt::text).toList()), page);
        console.print("");
        console.print("report: " + page.toAbsolutePath().normalize());
        console.remark("the live page again: ./mitune up --data-dir " + plan.dataDir());
    }

    /** The round after the last one that was decided, which must be the same for all arms. */
    private int firstRound(LocalStack stack, List<String> runs) {
        var state = stack.log().state();
        var decided = state.decidedRound(runs.get(0));
        for (var run : runs) {
            if (state.decidedRound(run) != decided) {
                throw new UserError(
                        "--control: expected it in all rounds or in none, found %d rounds of %s and"
                                        .formatted(decided, runs.get(0))
                                + " %d of %s; choose another --data-dir"
                                        .formatted(state.decidedRound(run), run));
            }
        }
        return decided + 1;
    }

    private static String category(String text) {
        return Scene.parse(text).map(scene -> scene.category().title()).orElse("");
    }
}
