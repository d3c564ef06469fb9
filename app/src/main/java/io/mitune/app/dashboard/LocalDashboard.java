package io.mitune.app.dashboard;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.UserError;
import io.mitune.app.web.WebServer;
import io.mitune.app.web.WebSettings;
import io.mitune.schemas.Connection;
import io.mitune.schemas.blobs.BlobStore;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * The live page beside a stream in the same process: on loopback, and there unless told otherwise.
 *
 * <p>Belongs to one thread.
 */
public final class LocalDashboard {
    private static final int USUAL_PORT = 8080;

    @Option(names = "--no-dashboard", description = "Do not serve the live page.")
    private boolean none;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            description =
                    "Of the live page, on loopback; 0 for any free one (default: 8080, or any free"
                            + " one when that is taken).")
    private Optional<Integer> port = Optional.empty();

    /** Starts it and says where it is; gives what ends it. */
    public AutoCloseable start(Connection connection, BlobStore blobs, Console console) {
        if (none) {
            return () -> {};
        }
        var server = server(connection, blobs);
        console.remark("dashboard: " + server.url());
        return server;
    }

    private WebServer server(Connection connection, BlobStore blobs) {
        if (port.isPresent()) {
            return server(connection, blobs, port.get());
        }
        try {
            return server(connection, blobs, USUAL_PORT);
        } catch (UserError taken) {
            return server(connection, blobs, 0);
        }
    }

    private static WebServer server(Connection connection, BlobStore blobs, int port) {
        var settings = WebSettings.loopback(port);
        return WebServer.start(settings, DashboardParts.of(connection, blobs));
    }
}
