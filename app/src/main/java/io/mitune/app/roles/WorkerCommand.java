package io.mitune.app.roles;

import io.mitune.app.cli.BlobOptions;
import io.mitune.app.cli.ConnectionOptions;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.ModelOptions;
import io.mitune.app.cli.ProgressBar;
import io.mitune.app.cli.UntilStopped;
import io.mitune.app.cli.UserError;
import io.mitune.app.metrics.MetricsOptions;
import io.mitune.app.start.StartOptions;
import io.mitune.diffusion.model.Family;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.schemas.access.Role;
import io.mitune.workers.CandidateWorker;
import io.mitune.workers.DeviceLock;
import io.mitune.workers.WorkerConfig;
import io.mitune.workers.WorkerListener;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Draws and scores candidates, and evaluates adapters, until stopped. */
@Command(
        name = "worker",
        description = "Draw and score candidates, until stopped; start one per GPU.",
        mixinStandardHelpOptions = true)
public final class WorkerCommand implements Callable<Integer> {
    /** For giving a task back and leaving the group, after the grace. */
    private static final Duration GIVE_BACK = Duration.ofSeconds(25);

    @Spec private CommandSpec spec;
    @Mixin private ConnectionOptions connection;
    @Mixin private ModelOptions model;
    @Mixin private BlobOptions blobs;
    @Mixin private MetricsOptions metricsOptions;
    @Mixin private StartOptions start;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "Name in records and logs (default: host and process id).")
    private Optional<String> name = Optional.empty();

    @Option(
            names = "--lock-seconds",
            paramLabel = "N",
            defaultValue = "30",
            description = "How long a task stays ours without renewal (default: 30).")
    private int lockSeconds;

    @Option(
            names = "--finish-grace",
            paramLabel = "DURATION",
            defaultValue = "PT90S",
            description =
                    "How long a worker that is told to stop goes on with its task, ISO 8601 as PT2M;"
                            + " then it gives it back to another (default: ${DEFAULT-VALUE}). Whatever"
                            + " stops it must wait 30 s longer.")
    private Duration finishGrace;

    @Option(names = "--no-previews", description = "Leave out the decoded pictures.")
    private boolean noPreviews;

    @Option(
            names = "--no-configure-group",
            description = "Leave the share group's settings to an administrator.")
    private boolean noConfigureGroup;

    @Override
    public Integer call() throws Exception {
        var console = Console.of(spec);
        if (finishGrace.isNegative()) {
            throw new UserError("--finish-grace: expected PT0S or longer, found " + finishGrace);
        }
        Family.of(model.directory()); // a wrong one is told before the cluster is waited for
        var config = config(connection.topicPrefix());
        var to = connection.connectPatiently();
        try (var until = new UntilStopped()) {
            until.setPatience(finishGrace.plus(GIVE_BACK));
            var metrics = metricsOptions.start(until, console);
            var ready = metrics.health().starting("worker");
            var store = blobs.store();
            if (!start.needing(store)
                    .awaitCluster(connection, Role.WORKER, metrics.health(), until)) {
                return 0;
            }
            var worker =
                    until.closing(
                            new CandidateWorker(
                                    to,
                                    store,
                                    config,
                                    new DeviceLock(),
                                    metrics.worker(telling(console))));
            until.onStop(worker::stop);
            console.remark("worker waits for tasks; Ctrl-C stops it after the current one");
            ready.run();
            worker.run();
        }
        return 0;
    }

    private WorkerConfig config(String topicPrefix) {
        var who = name.orElse("worker-" + ProcessHandle.current().pid());
        var config = WorkerConfig.of(model.directory(), topicPrefix, who);
        return config.withLoad(LoadOptions.plain().with(model.device()).with(model.dtype()))
                .withQueue(
                        config.queue()
                                .withLock(Duration.ofSeconds(lockSeconds))
                                .withFinishGrace(finishGrace))
                .withPreviews(!noPreviews)
                .withConfigureGroup(!noConfigureGroup);
    }

    private static WorkerListener telling(Console console) {
        return new WorkerListener() {
            private Optional<ProgressBar> bar = Optional.empty();

            @Override
            public void started(String taskId, String text, int images) {
                bar = Optional.of(new ProgressBar(console, text, images, "images"));
            }

            @Override
            public void progress(String taskId, long done, long total) {
                bar.ifPresent(b -> b.underWay(b.total() * (double) done / total));
            }

            @Override
            public void finished(String taskId, int images, double seconds) {
                bar.ifPresent(
                        b -> {
                            b.reach(images);
                            b.close();
                        });
            }
        };
    }
}
