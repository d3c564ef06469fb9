package io.mitune.app.web;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;

/**
 * Where the web server listens and who may use it, the same for every command that has one.
 *
 * <p>A token is never an option's value, since the process list shows those: it comes from a file
 * or else the environment. Belongs to one thread.
 */
public final class WebOptions {
    static final String TOKEN_VARIABLE = "MITUNE_HTTP_TOKEN";

    private static final String HOST_OPTION = "--http-allow-host";
    private static final String TOKEN_FILE = "--http-token-file";

    @Option(
            names = "--http-host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description =
                    "Where the web server listens; off loopback it needs a token"
                            + " (default: ${DEFAULT-VALUE}).")
    private String host;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "0 for any free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = TOKEN_FILE,
            paramLabel = "FILE",
            description = "File with the token (default: environment " + TOKEN_VARIABLE + ").")
    private Optional<Path> tokenFile = Optional.empty();

    @Option(
            names = HOST_OPTION,
            paramLabel = "NAME",
            description = "Name by which a proxy is reached; may be repeated.")
    private Set<String> allowedHosts = new LinkedHashSet<>();

    /** Checks the values. */
    public WebSettings settings() {
        var token =
                tokenFile
                        .map(file -> TokenFile.read(TOKEN_FILE, file))
                        .or(() -> Optional.ofNullable(fromEnvironment()));
        return new WebSettings(
                WebSettings.HTTP,
                host,
                port,
                token,
                allowedHosts,
                Optional.of(HOST_OPTION),
                WebLimits.DEFAULT);
    }

    private static String fromEnvironment() {
        return System.getenv(TOKEN_VARIABLE);
    }
}
