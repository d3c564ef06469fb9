package io.mitune.app.demo;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.DemoFiles;
import io.mitune.app.cli.UntilStopped;
import io.mitune.app.cli.UserError;
import io.mitune.diffusion.nn.Dtype;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
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

    @Spec private CommandSpec spec;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            defaultValue = "mitune-data",
            description = "Kept between calls, which go on from it (default: ${DEFAULT-VALUE}).")
    private Path dataDir;

    @Option(names = "--model", paramLabel = "DIR", description = "(default: the demo model)")
    private Optional<Path> model = Optional.empty();

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
            defaultValue = "6",
            description = "Candidates per prompt (default: ${DEFAULT-VALUE}).")
    private int candidates;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "240",
            description = "Optimizer steps per round (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--num-inference-steps",
            paramLabel = "N",
            defaultValue = "50",
            description = "Denoising steps of a candidate (default: ${DEFAULT-VALUE}).")
    private int inferenceSteps;

    @Option(
            names = "--guidance-scale",
            paramLabel = "G",
            defaultValue = "2",
            description = "Classifier-free guidance (default: ${DEFAULT-VALUE}).")
    private double guidance;

    @Option(
            names = "--test-images",
            paramLabel = "N",
            defaultValue = "8",
            description = "Images per test prompt and arm (default: ${DEFAULT-VALUE}).")
    private int testImages;

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
            new DemoJob(plan(), console, until::isStopped).run();
            return 0;
        } catch (DemoStopped e) {
            console.remark(e.getMessage());
            return STOPPED;
        }
    }

    private DemoPlan plan() {
        positive("--rounds", rounds);
        positive("--candidates", candidates);
        positive("--steps", steps);
        positive("--test-images", testImages);
        return new DemoPlan(
                dataDir,
                model.orElseGet(() -> DemoFiles.of("model")),
                prompts.orElseGet(() -> DemoFiles.of("prompts/tune.txt")),
                validation.orElseGet(() -> DemoFiles.of("prompts/validation.txt")),
                test.orElseGet(() -> DemoFiles.of("prompts/eval.txt")),
                rounds,
                candidates,
                steps,
                inferenceSteps,
                guidance,
                testImages,
                control,
                workers.orElseGet(DemoCommand::onePerCoreAndOneMore),
                Dtype.of(dtype),
                seed);
    }

    private static void positive(String option, int value) {
        if (value < 1) {
            throw new UserError(option + ": expected 1 or more, found " + value);
        }
    }

    /** The one more computes while another waits for disk or broker. */
    private static int onePerCoreAndOneMore() {
        return Runtime.getRuntime().availableProcessors() + 1;
    }
}
