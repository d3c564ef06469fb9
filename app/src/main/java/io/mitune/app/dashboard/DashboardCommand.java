package io.mitune.app.dashboard;

import io.mitune.app.cli.BlobOptions;
import io.mitune.app.cli.ConnectionOptions;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.UntilStopped;
import io.mitune.app.dashboard.http.DashboardPart;
import io.mitune.app.metrics.MetricsOptions;
import io.mitune.app.start.StartOptions;
import io.mitune.app.web.WebOptions;
import io.mitune.app.web.WebServer;
import io.mitune.schemas.access.Role;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The live page of a stream that runs anywhere. */
@Command(
        name = "dashboard",
        description = "Serve the live page and the API of the stream, until stopped.",
        mixinStandardHelpOptions = true)
public final class DashboardCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private ConnectionOptions connection;
    @Mixin private BlobOptions blobs;
    @Mixin private WebOptions web;
    @Mixin private MetricsOptions metricsOptions;
    @Mixin private StartOptions start;

    @Override
    public Integer call() throws Exception {
        var settings = web.settings();
        try (var until = new UntilStopped()) {
            var console = Console.of(spec);
            var to = connection.connect();
            var metrics = metricsOptions.start(until, console);
            var ready = metrics.health().starting("dashboard");
            if (!start.awaitCluster(connection, Role.DASHBOARD, metrics.health(), until)) {
                return 0;
            }
            var page = new DashboardPart(to, blobs.store());
            until.endingWith(page.ended());
            var server = until.closing(WebServer.start(settings, DashboardParts.of(to, page)));
            ready.run();
            console.remark("dashboard at " + server.url() + "; Ctrl-C stops it");
            until.await();
        }
        return 0;
    }
}
