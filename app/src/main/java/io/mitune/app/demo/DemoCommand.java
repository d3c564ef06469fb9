package io.mitune.app.demo;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.DemoFiles;
import io.mitune.app.cli.UntilStopped;
import io.mitune.app.cli.UserError;
import io.mitune.app.dashboard.LocalDashboard;
import io.mitune.app.local.LocalSettings;
import io.mitune.app.local.LocalStack;
import io.mitune.diffusion.nn.Dtype;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The main job from prompts to a better adapter, on this machine, with the model that we ship. */
@Command(
        name = "demo",
        description = "Run the whole stream on the demo model and report what it gained.",
        mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
    private static final int STOPPED = 130; // as a shell reports Ctrl-C
    private static final String DATA = "mitune-data";
    private static final double GUIDANCE = 2;

    @Spec private CommandSpec spec;
    @Mixin private LocalDashboard dashboard;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description =
                    "Kept between calls, which go on from it (default: mitune-data; with --family"
                            + " mitune-data-NAME).")
    private Optional<Path> dataDir = Optional.empty();

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description =
                    "Stable Diffusion model, a diffusers directory (default: the demo model).")
    private Optional<Path> model = Optional.empty();

    @Option(
            names = "--family",
            paramLabel = "NAME",
            description =
                    "sdxl or sd35: run the stream on a small untrained model of that family, made"
                            + " on the fly; its pictures are noise.")
    private Optional<String> family = Optional.empty();

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description = "Tuning prompts, one a line (default: demo/prompts/tune.txt).")
    private Optional<Path> prompts = Optional.empty();

    @Option(
            names = "--validation-prompts",
            paramLabel = "FILE",
            description = "Decide on promotion (default: demo/prompts/validation.txt).")
    private Optional<Path> validation = Optional.empty();

    @Option(
            names = "--test-prompts",
            paramLabel = "FILE",
            description = "Judge the result (default: demo/prompts/eval.txt).")
    private Optional<Path> test = Optional.empty();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "1",
            description = "Rounds to add (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--candidates",
            paramLabel = "N",
            description = "Candidates per prompt (default: 6; 2 with --family).")
    private Optional<Integer> candidates = Optional.empty();

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Optimizer steps per round (default: 240; 12 with --family).")
    private Optional<Integer> steps = Optional.empty();

    @Option(
            names = "--num-inference-steps",
            paramLabel = "N",
            description = "Denoising steps of a candidate (default: 50; 8 with --family).")
    private Optional<Integer> inferenceSteps = Optional.empty();

    @Option(
            names = "--guidance-scale",
            paramLabel = "G",
            description = "Classifier-free guidance (default: 2).")
    private Optional<Double> guidance = Optional.empty();

    @Option(
            names = "--test-images",
            paramLabel = "N",
            description = "Images per test prompt and arm (default: 8; 1 with --family).")
    private Optional<Integer> testImages = Optional.empty();

    @Option(
            names = "--no-guard",
            description =
                    "Go on with further rounds although pictures become alike: without it a guard"
                            + " against collapse stops the run there.")
    private boolean unguarded;

    @Option(
            names = "--control",
            description = "Also train on candidates picked blindly, and compare.")
    private boolean control;

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "Workers that share the cores (default: one more than cores).")
    private Optional<Integer> workers = Optional.empty();

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "fp32",
            description = "fp32 or bf16, for drawing and scoring (default: ${DEFAULT-VALUE}).")
    private String dtype;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "42",
            description = "Of candidates and training (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Override
    public Integer call() throws Exception {
        var console = Console.of(spec);
        try (var until = new UntilStopped()) {
            until.setPatience(LocalStack.closingTime());
            until.onStop(() -> console.remark(LocalStack.STOPPING));
            new DemoJob(plan(), dashboard, console, until::isStopped).run();
            return 0;
        } catch (DemoStopped e) {
            console.remark(e.getMessage());
            return STOPPED;
        }
    }

    private DemoPlan plan() {
        int sharing =
                LocalSettings.requireWorkers(workers.orElseGet(DemoCommand::onePerCoreAndOneMore));
        var scale = family.isPresent() ? DemoScale.UNTRAINED : DemoScale.TRAINED;
        var chosen =
                new DemoScale(
                        positive("--candidates", candidates.orElse(scale.candidates())),
                        positive("--steps", steps.orElse(scale.trainingSteps())),
                        positive(
                                "--num-inference-steps",
                                inferenceSteps.orElse(scale.inferenceSteps())),
                        positive("--test-images", testImages.orElse(scale.testImages())));
        var data = dataDir.orElseGet(() -> Path.of(family.map(f -> DATA + "-" + f).orElse(DATA)));
        return new DemoPlan(
                data,
                family.map(name -> untrained(name, data)).orElseGet(this::trained),
                prompts.orElseGet(() -> DemoFiles.of("prompts/tune.txt")),
                validation.orElseGet(() -> DemoFiles.of("prompts/validation.txt")),
                test.orElseGet(() -> DemoFiles.of("prompts/eval.txt")),
                positive("--rounds", rounds),
                chosen,
                guidance.orElse(GUIDANCE),
                !unguarded,
                control,
                sharing,
                Dtype.of(dtype),
                seed);
    }

    private DemoModel trained() {
        return DemoModel.of(model.orElseGet(() -> DemoFiles.of("model")));
    }

    private DemoModel untrained(String name, Path data) {
        if (model.isPresent()) {
            throw new UserError("--family: expected it without --model, found both");
        }
        return DemoModel.untrained(name, data);
    }

    private static int positive(String option, int value) {
        if (value < 1) {
            throw new UserError(option + ": expected 1 or more, found " + value);
        }
        return value;
    }

    /** The one more computes while another waits for disk or broker. */
    private static int onePerCoreAndOneMore() {
        return Runtime.getRuntime().availableProcessors() + 1;
    }
}
