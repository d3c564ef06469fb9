package io.mitune.app.local;

import ai.djl.Device;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.DemoFiles;
import io.mitune.app.cli.SamplingOptions;
import io.mitune.app.cli.TrainingOptions;
import io.mitune.app.cli.UntilStopped;
import io.mitune.app.cli.UserError;
import io.mitune.app.dashboard.LocalDashboard;
import io.mitune.app.metrics.MetricsOptions;
import io.mitune.app.tensorboard.TensorBoardLog;
import io.mitune.diffusion.model.Family;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.producers.Prompt;
import io.mitune.producers.PromptSource;
import io.mitune.streams.curator.CurationConfig;
import io.mitune.streams.planner.TaskSplit;
import io.mitune.streams.promotion.PromotionRule;
import io.mitune.workers.TrainerRoleConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Broker, registry and all roles in one process, for whoever publishes batch after batch. */
@Command(
        name = "up",
        description = "Run broker, registry and all roles in this process, until stopped.",
        mixinStandardHelpOptions = true)
public final class UpCommand implements Callable<Integer> {
    private static final long LOOK_NANOS = Duration.ofSeconds(5).toNanos();

    @Spec private CommandSpec spec;
    @Mixin private TrainingOptions training;
    @Mixin private MetricsOptions metricsOptions;
    @Mixin private LocalDashboard dashboard;
    @Mixin private SamplingOptions validation = new SamplingOptions("ddim", 30, 7.5);

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            defaultValue = "mitune-data",
            description = "Kept between calls, which go on from it (default: ${DEFAULT-VALUE}).")
    private Path dataDir;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "9092",
            description = "Of the Kafka broker, on loopback (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--registry-port",
            paramLabel = "PORT",
            defaultValue = "8081",
            description = "Of the schema registry, on loopback (default: ${DEFAULT-VALUE}).")
    private int registryPort;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description =
                    "Stable Diffusion model, a diffusers directory (default: the demo model).")
    private Optional<Path> model = Optional.empty();

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "fp32",
            description = "fp32 or bf16 (default: ${DEFAULT-VALUE}).")
    private String dtype;

    @Option(
            names = "--run",
            paramLabel = "NAME",
            defaultValue = "default",
            description = "Line of adapters to train (default: ${DEFAULT-VALUE}).")
    private String run;

    @Option(
            names = "--validation-prompts",
            paramLabel = "FILE",
            description = "Prompts by which versions are compared (default: the demo's).")
    private Optional<Path> validationPrompts = Optional.empty();

    @Option(
            names = "--num-validation-images",
            paramLabel = "K",
            defaultValue = "4",
            description = "Images of each validation prompt (default: ${DEFAULT-VALUE}).")
    private int validationImages;

    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "1",
            description = "Workers that share the cores; each loads the model (default: 1).")
    private int workers;

    @Option(
            names = "--micro-batch",
            paramLabel = "N",
            defaultValue = "16",
            description = "Images per denoiser call (default: ${DEFAULT-VALUE}).")
    private int microBatch;

    @Override
    public Integer call() throws Exception {
        var settings = settings();
        var console = Console.of(spec);
        try (var until = new UntilStopped()) {
            until.setPatience(LocalStack.closingTime());
            until.onStop(() -> console.remark(LocalStack.STOPPING));
            var metrics = metricsOptions.start(until, console);
            var stack = until.closing(LocalStack.start(settings, metrics));
            until.endingWith(stack.broken());
            var to = stack.connection();
            if (metricsOptions.isServed()) {
                metrics.stream(to);
            }
            console.remark(
                    "kafka at %s, schema registry at %s; Ctrl-C stops everything"
                            .formatted(to.bootstrapServers(), to.schemaRegistryUrl()));
            console.remark("publish with: mitune publish --run " + run + " --prompts FILE");
            stack.add(dashboard.start(to, stack.blobs(), console));
            stack.add(TensorBoardLog.follow(to, dataDir.resolve("tensorboard"), r -> true));
            tell(stack.log().state(), console, until);
            until.await();
        }
        return 0;
    }

    private void tell(RunState state, Console console, UntilStopped until) {
        var last = "";
        while (!until.isStopped()) {
            var line = RunStatus.line(run, state);
            if (!line.equals(last) && !console.quiet()) {
                console.remark(line);
                last = line;
            }
            var end = System.nanoTime() + LOOK_NANOS;
            while (!until.isStopped() && System.nanoTime() < end) {
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            }
        }
    }

    private LocalSettings settings() {
        if (model.isPresent() && validationPrompts.isEmpty()) {
            throw new UserError("--validation-prompts: expected a file with --model, found none");
        }
        var directory = model.orElseGet(() -> DemoFiles.of("model"));
        var file = validationPrompts.orElseGet(() -> DemoFiles.of("prompts/validation.txt"));
        var family = Family.of(directory);
        var judged =
                new TrainerRoleConfig.Validation(
                        PromptSource.create().file(file).accepted().stream()
                                .map(Prompt::text)
                                .toList(),
                        validationImages,
                        42,
                        validation.settings(family),
                        microBatch);
        var type = Dtype.of(dtype);
        return new LocalSettings(
                dataDir,
                port,
                registryPort,
                directory,
                LoadOptions.plain().with(Device.cpu()).with(type),
                workers,
                new TaskSplit(microBatch, microBatch),
                CurationConfig.DEFAULT,
                PromotionRule.DEFAULT,
                List.of(
                        TrainerRoleConfig.of(
                                run, directory, training.config(family, type), judged)));
    }
}
