package io.mitune.app.metrics;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.UntilStopped;
import io.mitune.app.cli.UserError;
import io.mitune.app.web.TokenFile;
import io.mitune.app.web.WebLimits;
import io.mitune.app.web.WebServer;
import io.mitune.app.web.WebSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;

/** Where a role without a page of its own shows its metrics and health. */
public final class MetricsOptions {
    static final String TOKEN_VARIABLE = "MITUNE_METRICS_TOKEN";
    private static final String TOKEN_FILE = "--metrics-token-file";

    @Option(
            names = "--metrics-port",
            paramLabel = "PORT",
            defaultValue = "${env:MITUNE_METRICS_PORT:-}",
            description =
                    "Serve /metrics, /healthz and /readyz at this port (default: none; environment"
                            + " MITUNE_METRICS_PORT).")
    private String port = "";

    @Option(
            names = "--metrics-host",
            paramLabel = "ADDRESS",
            defaultValue = "${env:MITUNE_METRICS_HOST:-127.0.0.1}",
            description =
                    "Where /metrics is served; off loopback it needs a token (default:"
                            + " ${DEFAULT-VALUE}; environment MITUNE_METRICS_HOST).")
    private String host;

    @Option(
            names = TOKEN_FILE,
            paramLabel = "FILE",
            defaultValue = "${env:MITUNE_METRICS_TOKEN_FILE:-}",
            description =
                    "File with the token (environment MITUNE_METRICS_TOKEN_FILE; default: the token"
                            + " itself in "
                            + TOKEN_VARIABLE
                            + ").")
    private String tokenFile = "";

    /** Whether anybody can read the metrics. */
    public boolean isServed() {
        return !port.isBlank();
    }

    /** Starts the server, if one was asked for, until the role ends. */
    public RoleMetrics start(UntilStopped until, Console console) {
        var metrics = until.closing(new RoleMetrics());
        if (isServed()) {
            var settings =
                    new WebSettings(
                            "metrics",
                            host,
                            number(port),
                            token(),
                            Set.of(),
                            Optional.empty(),
                            WebLimits.DEFAULT);
            var server = WebServer.start(settings, List.of(new MetricsPart(metrics)));
            until.closing(server);
            console.remark("metrics: " + server.url() + "/metrics");
        }
        return metrics;
    }

    private static int number(String text) {
        if (!text.matches("[0-9]{1,5}")) {
            throw new UserError("--metrics-port: expected 0 to 65535, found " + text);
        }
        return Integer.parseInt(text);
    }

    private Optional<String> token() {
        return tokenFile.isBlank()
                ? Optional.ofNullable(System.getenv(TOKEN_VARIABLE))
                : Optional.of(TokenFile.read(TOKEN_FILE, Path.of(tokenFile)));
    }
}
