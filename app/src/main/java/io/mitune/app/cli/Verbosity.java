package io.mitune.app.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/** The {@code --verbose} option of every command: our log lines, and traces of failures. */
public final class Verbosity {
    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Log what happens and show the trace of a failure.")
    private boolean verbose;

    /** Runs commands after setting the log level that the option asks for. */
    public static IExecutionStrategy applying(IExecutionStrategy next) {
        return parsed -> {
            var level = isOn(parsed) ? Level.DEBUG : Level.WARN;
            if (LoggerFactory.getLogger("io.mitune") instanceof Logger ours) {
                ours.setLevel(level);
            }
            return next.execute(parsed);
        };
    }

    static boolean isOn(ParseResult parsed) {
        for (var at = parsed; at != null; at = at.hasSubcommand() ? at.subcommand() : null) {
            if (at.hasMatchedOption("--verbose")) {
                return true;
            }
        }
        return false;
    }
}
