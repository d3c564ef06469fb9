package io.mitune.app.local;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.ErrorLine;
import io.mitune.app.cli.UntilStopped;
import io.mitune.app.cli.UserError;
import io.mitune.embedded.EmbeddedRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The schema registry of the demo as a process of its own, on loopback. */
@Command(
        name = "registry",
        description = "Run the small schema registry on loopback, until stopped.",
        mixinStandardHelpOptions = true)
public final class RegistryCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            required = true,
            description = "Where registry.log is kept.")
    private Path dataDir;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8081",
            description = "Where it listens (default: ${DEFAULT-VALUE}).")
    private int port;

    @Override
    public Integer call() throws Exception {
        try (var until = new UntilStopped()) {
            var file = folder().resolve("registry.log");
            var registry = until.closing(EmbeddedRegistry.start(file, port));
            Console.of(spec)
                    .remark("schema registry at %s; Ctrl-C stops it".formatted(registry.url()));
            until.await();
        }
        return 0;
    }

    private Path folder() {
        try {
            return Files.createDirectories(dataDir);
        } catch (IOException e) {
            throw new UserError(
                    "--data-dir: expected a folder that can be made and written, found %s (%s)"
                            .formatted(dataDir, ErrorLine.of(e)),
                    e);
        }
    }
}
