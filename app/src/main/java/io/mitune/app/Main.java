package io.mitune.app;

import io.mitune.app.cli.CommandGroups;
import io.mitune.app.cli.ErrorLine;
import io.mitune.app.cli.HelpLayout;
import io.mitune.app.cli.OfficialNames;
import io.mitune.app.cli.Verbosity;
import io.mitune.app.cli.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The {@code mitune} command: one process role or one local job per sub-command.
 *
 * <p>Every role of the stream is a sub-command, so that what runs alone in production is the same
 * code that {@code demo} and {@code up} run in one JVM. Not thread-safe: one instance per call.
 */
@Command(
        name = "mitune",
        description = "Information-theoretic text-to-image alignment as an event stream.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "mitune COMMAND --help describes one command."})
public final class Main implements Runnable {
    @Spec private CommandSpec spec;
    @Mixin private Verbosity verbosity;

    /** Runs one command line and exits with its code. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(OfficialNames.toOurs(args)));
    }

    /** The whole command line, ready to execute; tests call it in their own process. */
    public static CommandLine commandLine() {
        var main = new Main();
        var line = new CommandLine(main);
        Commands.all().forEach(line::addSubcommand);
        line.setExecutionStrategy(main.verbosity.applying(new CommandLine.RunLast()));
        line.setExecutionExceptionHandler(ErrorLine::onFailure);
        line.setParameterExceptionHandler(ErrorLine::onUsage);
        CommandGroups.install(line);
        HelpLayout.install(line);
        return line;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected a command, found none");
    }
}
