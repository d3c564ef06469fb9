package io.mitune.app.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.Locale;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/**
 * The options of every command on what it logs: how much, and in which form.
 *
 * <p>The log goes to standard error. As JSON it is one object a line, with promptId and run where a
 * line is about a prompt or a run, for collectors to search.
 */
public final class Verbosity {
    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Log what happens and show the trace of a failure.")
    private boolean verbose;

    @Option(
            names = "--quiet",
            scope = ScopeType.INHERIT,
            description = "Show no progress; results, remarks and errors come as ever.")
    private boolean quiet;

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            scope = ScopeType.INHERIT,
            defaultValue = "${env:MITUNE_LOG_LEVEL:-warn}",
            description =
                    "error, warn, info or debug (default: ${DEFAULT-VALUE}; environment"
                            + " MITUNE_LOG_LEVEL).")
    private String level;

    @Option(
            names = "--log-format",
            paramLabel = "FORMAT",
            scope = ScopeType.INHERIT,
            defaultValue = "${env:MITUNE_LOG_FORMAT:-text}",
            description =
                    "text, or json for collectors (default: ${DEFAULT-VALUE}; environment"
                            + " MITUNE_LOG_FORMAT).")
    private String format;

    /** Runs commands after setting up the log as the options ask for. */
    public IExecutionStrategy applying(IExecutionStrategy next) {
        return parsed -> {
            var wanted = isOn(parsed) ? Level.DEBUG : level();
            if (LoggerFactory.getLogger("io.mitune") instanceof Logger ours) {
                ours.setLevel(wanted);
                LogForm.of(format).apply(ours.getLoggerContext());
            }
            return next.execute(parsed);
        };
    }

    private Level level() {
        return switch (level.toLowerCase(Locale.ROOT)) {
            case "error" -> Level.ERROR;
            case "warn" -> Level.WARN;
            case "info" -> Level.INFO;
            case "debug" -> Level.DEBUG;
            default ->
                    throw new UserError(
                            "--log-level: expected error, warn, info or debug, found " + level);
        };
    }

    static boolean isOn(ParseResult parsed) {
        return isGiven(parsed, "--verbose");
    }

    static boolean isQuiet(ParseResult parsed) {
        return isGiven(parsed, "--quiet");
    }

    private static boolean isGiven(ParseResult parsed, String option) {
        for (var at = parsed; at != null; at = at.hasSubcommand() ? at.subcommand() : null) {
            if (at.hasMatchedOption(option)) {
                return true;
            }
        }
        return false;
    }
}
