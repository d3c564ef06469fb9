package io.mitune.app.demo;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.ProgressBar;
import io.mitune.app.local.LocalStack;
import io.mitune.app.local.RunState;
import io.mitune.producers.PromptPublisher;
import io.mitune.producers.Prompts;
import io.mitune.producers.PublishProgress;
import io.mitune.producers.PublishSettings;
import io.mitune.schemas.SamplingSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Sends prompts through the stream, a round after the other, and shows how far each stage is.
 *
 * <p>It only publishes and watches: what is done stands in the log, so a demo that was stopped goes
 * on where it was. Belongs to one thread.
 */
final class DemoRounds {
    private static final long LOOK_NANOS = Duration.ofMillis(50).toNanos();

    private final DemoPlan plan;
    private final LocalStack stack;
    private final RunState state;
    private final List<String> runs;
    private final Console console;
    private final BooleanSupplier stopped;
    private final List<Stage> stages = new ArrayList<>();

    /**
     * @param runs the main arm first
     * @param stopped asked between looks; true ends the demo
     */
    DemoRounds(
            DemoPlan plan,
            LocalStack stack,
            List<String> runs,
            Console console,
            BooleanSupplier stopped) {
        this.plan = plan;
        this.stack = stack;
        this.state = stack.log().state();
        this.runs = List.copyOf(runs);
        this.console = console;
        this.stopped = stopped;
    }

    /** Runs one round to its decision. */
    void run(int round, Prompts prompts) {
        publish(round, prompts);
        var total = (long) prompts.accepted().size() * plan.scale().candidates();
        var main = runs.get(0);
        watch("candidates", round, total, "images", () -> state.candidateCount(main, round));
        watch("training", round, trainingSteps(), "steps", () -> stepsDone(round));
        var decided = "validation";
        watch(decided, round, runs.size(), "adapters", () -> decidedRuns(round));
        for (var run : runs) {
            var adapter = state.current(run).orElseThrow();
            console.remark(
                    "%s: version %d in use: %s"
                            .formatted(run, adapter.getVersion(), adapter.getReason()));
        }
    }

    /** Where the time went. */
    List<Stage> stages() {
        return List.copyOf(stages);
    }

    /** Waits; ends with the failure of a role, or when the user stops the demo. */
    void await(BooleanSupplier done) {
        var broken = stack.broken().toCompletableFuture();
        while (!done.getAsBoolean()) {
            if (broken.isDone()) {
                broken.join();
            }
            if (stopped.getAsBoolean()) {
                throw new DemoStopped();
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private void publish(int round, Prompts prompts) {
        var settings =
                new PublishSettings(
                        runs.get(0),
                        Optional.of(prompts.nameWithoutRun()), // the seeds of its figures
                        OptionalInt.of(round),
                        plan.seed(),
                        plan.scale().candidates(),
                        1,
                        "",
                        candidateSettings(),
                        "");
        var report =
                new PromptPublisher(stack.connection())
                        .publish(prompts, settings, PublishProgress.NONE);
        console.remark("round " + round + ": " + report);
    }

    private SamplingSettings candidateSettings() {
        return SamplingSettings.newBuilder()
                .setScheduler(plan.model().candidates().key())
                .setNumInferenceSteps(plan.scale().inferenceSteps())
                .setGuidanceScale(plan.guidanceScale())
                .build();
    }

    private void watch(String stage, int round, long total, String unit, LongSupplier position) {
        var start = System.nanoTime();
        var before = position.getAsLong();
        try (var bar = new ProgressBar(console, stage, total, unit)) {
            bar.skip(before);
            await(
                    () -> {
                        var now = position.getAsLong();
                        bar.reach(now);
                        return now >= total;
                    });
        }
        var seconds = (System.nanoTime() - start) / 1e9;
        stages.add(new Stage(stage + ", round " + round, total - before, unit, seconds));
    }

    private long trainingSteps() {
        return (long) plan.scale().trainingSteps() * runs.size();
    }

    private long stepsDone(int round) {
        return runs.stream()
                .flatMap(run -> state.steps(run).stream())
                .filter(step -> step.getRound() == round)
                .count();
    }

    private long decidedRuns(int round) {
        return runs.stream().filter(run -> state.decidedRound(run) >= round).count();
    }
}
