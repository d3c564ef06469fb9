package io.mitune.app.roles;

import io.mitune.app.cli.BlobOptions;
import io.mitune.app.cli.ConnectionOptions;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.DeviceOptions;
import io.mitune.app.cli.ModelOptions;
import io.mitune.app.cli.SamplingOptions;
import io.mitune.app.cli.TrainingModeOptions;
import io.mitune.app.cli.TrainingOptions;
import io.mitune.app.cli.UntilStopped;
import io.mitune.app.metrics.MetricsOptions;
import io.mitune.app.start.StartOptions;
import io.mitune.app.tensorboard.TensorBoardLog;
import io.mitune.diffusion.model.Family;
import io.mitune.producers.Prompt;
import io.mitune.producers.PromptSource;
import io.mitune.schemas.access.Role;
import io.mitune.workers.DeviceLock;
import io.mitune.workers.TrainerRoleConfig;
import io.mitune.workers.training.Trainer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains the adapters of one run on its curated samples, round by round. */
@Command(
        name = "train",
        description = "Train a run's adapter on its curated samples, round by round.",
        mixinStandardHelpOptions = true)
public final class TrainCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private ConnectionOptions connection;
    @Mixin private ModelOptions model;
    @Mixin private DeviceOptions devices;
    @Mixin private BlobOptions blobs;
    @Mixin private MetricsOptions metricsOptions;
    @Mixin private StartOptions start;
    @Mixin private TrainingOptions training;
    @Mixin private TrainingModeOptions mode;
    @Mixin private SamplingOptions validation = new SamplingOptions("ddim", 30, 7.5);

    @Option(
            names = "--run",
            paramLabel = "NAME",
            defaultValue = "default",
            description = "Line of adapters; one trainer at a time (default: ${DEFAULT-VALUE}).")
    private String run;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "0",
            description = "End after this round; 0 goes on for ever (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--checkpointing-steps",
            paramLabel = "N",
            defaultValue = "10",
            description = "Optimizer steps between checkpoints (default: ${DEFAULT-VALUE}).")
    private int checkpointEvery;

    @Option(
            names = "--validation-prompts",
            paramLabel = "FILE",
            required = true,
            description = "Prompts by which versions are compared; never the test prompts.")
    private Path validationPrompts;

    @Option(
            names = "--num-validation-images",
            paramLabel = "K",
            defaultValue = "10",
            description = "Images of each validation prompt (default: ${DEFAULT-VALUE}).")
    private int validationImages;

    @Option(
            names = "--validation-seed",
            paramLabel = "S",
            defaultValue = "42",
            description =
                    "Seed of the validation images, for all versions (default: ${DEFAULT-VALUE}).")
    private long validationSeed;

    @Option(
            names = "--validation-batch-size",
            paramLabel = "N",
            defaultValue = "16",
            description = "Validation images per denoiser call (default: ${DEFAULT-VALUE}).")
    private int validationBatch;

    @Option(
            names = {"--log-dir", "--logging-dir"},
            paramLabel = "DIR",
            description = "Keep TensorBoard event files in DIR/RUN (default: none).")
    private Optional<Path> logDir = Optional.empty();

    @Override
    public Integer call() throws Exception {
        var config = config();
        var console = Console.of(spec);
        var to = connection.connectPatiently();
        try (var until = new UntilStopped();
                var progress = new TrainingProgress(console)) {
            var metrics = metricsOptions.start(until, console);
            var ready = metrics.health().starting("trainer");
            var store = blobs.store();
            if (!start.needing(store)
                    .awaitCluster(connection, Role.TRAINER, metrics.health(), until)) {
                return 0;
            }
            logDir.map(dir -> TensorBoardLog.follow(to, dir, run::equals))
                    .ifPresent(until::closing);
            console.remark("trainer of run %s waits for samples; Ctrl-C stops it".formatted(run));
            var trainer =
                    new Trainer(
                            to,
                            connection.topicPrefix(),
                            store,
                            config,
                            new DeviceLock(),
                            metrics.trainer(progress));
            until.onStop(trainer::stop);
            ready.run();
            trainer.run();
        }
        return 0;
    }

    private TrainerRoleConfig config() {
        var family = Family.of(model.directory());
        var prompts = PromptSource.create().file(validationPrompts);
        return TrainerRoleConfig.of(
                        run,
                        model.directory(),
                        training.config(family, model.dtype()),
                        new TrainerRoleConfig.Validation(
                                prompts.accepted().stream().map(Prompt::text).toList(),
                                validationImages,
                                validationSeed,
                                validation.settings(family),
                                validationBatch))
                .withDevices(devices.devices(model))
                .withMode(mode.mode())
                .withRounds(rounds)
                .withCheckpointEvery(checkpointEvery);
    }
}
