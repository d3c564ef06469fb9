package io.mitune.app.tensorboard;

import io.mitune.app.cli.ConnectionOptions;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.UntilStopped;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes TensorBoard's event files from the log, wherever the trainer runs. */
@Command(
        name = "tensorboard",
        description = "Write training curves and evaluations as TensorBoard event files.",
        mixinStandardHelpOptions = true)
public final class TensorBoardCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private ConnectionOptions connection;

    @Option(
            names = "--log-dir",
            paramLabel = "DIR",
            defaultValue = "mitune-data/tensorboard",
            description =
                    "Gets a folder for each run; one that is there goes on, no step comes twice"
                            + " (default: ${DEFAULT-VALUE}).")
    private Path logDir;

    @Option(names = "--run", paramLabel = "NAME", description = "Only this run (default: all).")
    private Optional<String> run = Optional.empty();

    @Option(names = "--follow", description = "Go on with what comes, until stopped.")
    private boolean follow;

    @Override
    public Integer call() {
        var console = Console.of(spec);
        var log =
                new TensorBoardLog(
                        connection.connect(), logDir, n -> run.map(n::equals).orElse(true));
        try (var until = new UntilStopped()) {
            until.onStop(log::stop);
            if (follow) {
                console.remark("event files in " + logDir + "; Ctrl-C stops");
            } else {
                log.stop();
            }
            log.run();
        }
        console.print("%d runs in %s".formatted(log.runs().size(), logDir));
        return 0;
    }
}
