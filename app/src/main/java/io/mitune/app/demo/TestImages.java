package io.mitune.app.demo;

import ai.djl.Device;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.ProgressBar;
import io.mitune.app.evaluate.Arm;
import io.mitune.app.evaluate.Comparison;
import io.mitune.app.evaluate.Evaluator;
import io.mitune.app.generate.Studio;
import io.mitune.app.local.LocalStack;
import io.mitune.app.report.Report.Mark;
import io.mitune.app.report.Report.Picture;
import io.mitune.diffusion.adapter.AdapterFile;
import io.mitune.diffusion.adapter.AdapterWeights;
import io.mitune.diffusion.devices.Futures;
import io.mitune.diffusion.image.Png;
import io.mitune.diffusion.sampling.SamplingSettings;
import io.mitune.diffusion.sampling.SamplingSettings.Score;
import io.mitune.diffusion.scheduler.SchedulerKind;
import io.mitune.producers.Prompt;
import io.mitune.schemas.AdapterEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/**
 * The pictures that judge the result: the same test prompts and seeds with the base model and with
 * each adapter in use.
 *
 * @param comparison the arms, the base model first
 * @param pictures by arm, then by prompt
 */
record TestImages(Comparison comparison, Map<String, List<List<Picture>>> pictures) {
    /** Name of the arm without adapter. */
    static final String BASE = "base";

    /** Name of the arm that the demo is about. */
    static final String TUNED = "MI-TUNE";

    /** Name of the control arm. */
    static final String CONTROL = "random";

    /** Draws all arms, as many at a time as there are workers; those are idle by now. */
    static TestImages draw(
            DemoPlan plan,
            LocalStack stack,
            List<String> runs,
            List<Prompt> prompts,
            Console console,
            BooleanSupplier stopped) {
        var adapters = new LinkedHashMap<String, Optional<AdapterWeights>>();
        adapters.put(BASE, Optional.empty());
        for (var run : runs) {
            adapters.put(run.equals(runs.get(0)) ? TUNED : CONTROL, adapter(stack, run));
        }
        var evaluator = evaluator(plan, prompts);
        var total = (long) adapters.size() * evaluator.images();
        var pictures = new HashMap<String, List<List<Picture>>>();
        var threads = Executors.newFixedThreadPool(plan.workers());
        try (var bar = new ProgressBar(console, "test images", total, "images")) {
            var results = new ArrayList<CompletableFuture<Arm>>();
            adapters.forEach(
                    (name, adapter) -> {
                        var shown = emptyLists(prompts.size());
                        pictures.put(name, shown);
                        var viewer = viewer(prompts, shown, stopped);
                        results.add(
                                CompletableFuture.supplyAsync(
                                        () -> arm(plan, name, adapter, evaluator, bar, viewer),
                                        threads));
                    });
            var arms = results.stream().map(Futures::result).toList();
            return new TestImages(new Comparison(arms), pictures);
        } finally {
            threads.shutdownNow();
        }
    }

    private static Arm arm(
            DemoPlan plan,
            String name,
            Optional<AdapterWeights> adapter,
            Evaluator evaluator,
            ProgressBar bar,
            Evaluator.Viewer viewer) {
        try (var studio = new Studio(plan.model().directory(), Device.cpu(), plan.dtype())) {
            studio.use(adapter);
            return evaluator.run(name, studio.generator(), bar, viewer);
        }
    }

    private static Evaluator evaluator(DemoPlan plan, List<Prompt> prompts) {
        var wanted = DemoRecipe.fastSampling(plan);
        var sampler =
                new SamplingSettings(
                        SchedulerKind.of(wanted.getScheduler()),
                        wanted.getNumInferenceSteps(),
                        wanted.getGuidanceScale(),
                        Score.OFFICIAL,
                        DemoRecipe.microBatch());
        return new Evaluator(prompts, plan.scale().testImages(), plan.seed(), sampler, 0, 0);
    }

    /**
     * The adapter trained last, whether promoted or not: the test judges the training. Where the
     * guard against collapse has ended that, it is what is left, the version in use.
     */
    private static Optional<AdapterWeights> adapter(LocalStack stack, String run) {
        var state = stack.log().state();
        var left = state.current(run).filter(DemoGuard::isStop).map(AdapterEvent::getVersion);
        return state.history(run).stream()
                .filter(event -> event.getStatus().equals("candidate"))
                .filter(event -> left.isEmpty() || left.get().equals(event.getVersion()))
                .reduce((earlier, later) -> later)
                .map(event -> AdapterFile.read(stack.blobs().resolve(event.getAdapter())));
    }

    private static Evaluator.Viewer viewer(
            List<Prompt> prompts, List<List<Picture>> shown, BooleanSupplier stopped) {
        return (prompt, place, image, mi, right) -> {
            if (stopped.getAsBoolean()) {
                throw new DemoStopped();
            }
            var graded = !prompts.get(prompt).category().isEmpty();
            var mark = !graded ? Mark.NONE : right ? Mark.RIGHT : Mark.WRONG;
            var label = String.format(Locale.ROOT, "MI %.2f", mi);
            shown.get(prompt).add(new Picture(Png.encode(image, Map.of()), label, mark));
        };
    }

    private static List<List<Picture>> emptyLists(int count) {
        var lists = new ArrayList<List<Picture>>();
        for (var i = 0; i < count; i++) {
            lists.add(new ArrayList<>());
        }
        return lists;
    }
}
