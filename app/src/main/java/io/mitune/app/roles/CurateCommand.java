package io.mitune.app.roles;

import io.mitune.app.cli.ConnectionOptions;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.UntilStopped;
import io.mitune.app.metrics.MetricsOptions;
import io.mitune.app.start.StartOptions;
import io.mitune.schemas.access.Role;
import io.mitune.streams.StreamsApp;
import io.mitune.streams.StreamsRole;
import io.mitune.streams.StreamsSettings;
import io.mitune.streams.curator.CurationConfig;
import io.mitune.streams.curator.CurationPolicy;
import io.mitune.streams.curator.CuratorTopology;
import io.mitune.streams.planner.PlannerConfig;
import io.mitune.streams.planner.PlannerTopology;
import io.mitune.streams.planner.TaskSplit;
import io.mitune.streams.promotion.PromotionRule;
import io.mitune.streams.promotion.PromotionTopology;
import io.mitune.streams.runs.RunsTopology;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs planner, curator, promotion and the keeper of runs; none of them needs a GPU. */
@Command(
        name = "curate",
        description = "Plan generation, curate candidates and promote adapters, until stopped.",
        mixinStandardHelpOptions = true)
public final class CurateCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private ConnectionOptions connection;
    @Mixin private MetricsOptions metricsOptions;
    @Mixin private StartOptions start;

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            defaultValue = "mitune-data/streams",
            description = "Local stores, caches of the log (default: ${DEFAULT-VALUE}).")
    private Path stateDir;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "1",
            description = "Threads per topology (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(
            names = "--candidates-per-task",
            paramLabel = "N",
            defaultValue = "16",
            description = "Candidates that a worker takes at once (default: ${DEFAULT-VALUE}).")
    private int candidatesPerTask;

    @Option(
            names = "--micro-batch",
            paramLabel = "N",
            defaultValue = "16",
            description = "Images per denoiser call (default: ${DEFAULT-VALUE}).")
    private int microBatch;

    @Option(
            names = "--max-open-candidates",
            paramLabel = "N",
            defaultValue = "" + PlannerConfig.MAX_OPEN_CANDIDATES,
            description =
                    "Candidates handed out and not drawn yet; the rest waits in order of priority. At"
                            + " least 4 x workers x candidates per task (default: ${DEFAULT-VALUE}).")
    private int maxOpenCandidates;

    @Option(
            names = "--open-timeout",
            paramLabel = "DURATION",
            defaultValue = "PT1H",
            description =
                    "Time after which a candidate that did not come, though later ones did, no"
                            + " longer counts as open (default: ${DEFAULT-VALUE}).")
    private Duration openTimeout;

    @Option(
            names = "--deadline",
            paramLabel = "DURATION",
            defaultValue = "P1D",
            description =
                    "Close a prompt with what is there so long after workers got to it; seven times"
                            + " as long after its first task was handed out if they never do;"
                            + " ISO 8601 as PT90M (default: ${DEFAULT-VALUE}).")
    private Duration deadline;

    @Option(
            names = "--control",
            description = "Also keep candidates picked blindly, for the run named RUN-random.")
    private boolean control;

    @Option(
            names = "--promote-always",
            description = "Promote every sound adapter without comparing it with its parent.")
    private boolean promoteAlways;

    @Override
    public Integer call() throws Exception {
        try (var until = new UntilStopped()) {
            var settings = new StreamsSettings(connection.connect(), stateDir, threads, Map.of());
            var console = Console.of(spec);
            var metrics = metricsOptions.start(until, console);
            if (!start.awaitCluster(connection, Role.CURATOR, metrics.health(), until)) {
                return 0;
            }
            var apps = new ArrayList<StreamsApp>();
            for (var role : roles(settings)) {
                var app = until.closing(StreamsApp.start(role, settings));
                apps.add(app);
                metrics.topology(role.name(), app);
                until.endingWith(app.ended());
            }
            if (metricsOptions.isServed()) {
                metrics.stream(settings.connection());
            }
            console.remark("planner, curator, promotion and runs work; Ctrl-C stops them");
            until.closing(CurationProgress.start(console, apps));
            until.await();
        }
        return 0;
    }

    private PlannerConfig planner() {
        return PlannerConfig.of(new TaskSplit(candidatesPerTask, microBatch))
                .withMaxOpen(maxOpenCandidates)
                .withOpenTimeout(openTimeout);
    }

    private List<StreamsRole> roles(StreamsSettings settings) {
        var policies = new ArrayList<>(List.of(CurationPolicy.MI_MAX));
        if (control) {
            policies.add(CurationPolicy.RANDOM);
        }
        var remembered = CurationConfig.DEFAULT.remembered();
        var longest = deadline.compareTo(remembered) > 0 ? deadline : remembered;
        var rule = PromotionRule.DEFAULT;
        var to = settings.connection();
        return List.of(
                PlannerTopology.role(to, planner()),
                CuratorTopology.role(to, new CurationConfig(policies, deadline, longest)),
                PromotionTopology.role(
                        to,
                        new PromotionRule(promoteAlways, rule.tolerance(), rule.maxAdapterNorm())),
                RunsTopology.role(to));
    }
}
