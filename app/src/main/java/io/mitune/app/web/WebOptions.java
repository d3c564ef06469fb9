package io.mitune.app.web;

import io.mitune.app.cli.UserError;
import java.io.IOException;
import java.nio.file.Files;
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

    private static final int MAX_TOKEN_FILE_BYTES = 4096;

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
            names = "--http-token-file",
            paramLabel = "FILE",
            description = "File with the token (default: environment " + TOKEN_VARIABLE + ").")
    private Optional<Path> tokenFile = Optional.empty();

    @Option(
            names = "--http-allow-host",
            paramLabel = "NAME",
            description = "Name by which a proxy is reached; may be repeated.")
    private Set<String> allowedHosts = new LinkedHashSet<>();

    /** Checks the values. */
    public WebSettings settings() {
        var token =
                tokenFile.map(WebOptions::read).or(() -> Optional.ofNullable(fromEnvironment()));
        return new WebSettings(host, port, token, allowedHosts, WebLimits.DEFAULT);
    }

    private static String fromEnvironment() {
        return System.getenv(TOKEN_VARIABLE);
    }

    private static String read(Path file) {
        try {
            if (Files.size(file) > MAX_TOKEN_FILE_BYTES) {
                throw new UserError(
                        "%s: expected a token of at most %d bytes, found %d"
                                .formatted(file, MAX_TOKEN_FILE_BYTES, Files.size(file)));
            }
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UserError(
                    "--http-token-file %s: expected a readable file, found %s"
                            .formatted(file, Files.exists(file) ? e.getMessage() : "none"),
                    e);
        }
    }
}
