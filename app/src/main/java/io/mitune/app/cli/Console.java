package io.mitune.app.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Where a command prints: results to {@code out}, progress and remarks to {@code err}.
 *
 * <p>Keeping the two apart lets a result be piped while the bar stays on the screen. Thread-safe.
 *
 * @param terminal whether {@code err} is a terminal, where a line can be drawn over
 * @param columns width of that terminal
 * @param quiet whether progress is not to be shown
 */
public record Console(
        PrintWriter out, PrintWriter err, boolean terminal, int columns, boolean quiet) {
    private static final int DEFAULT_COLUMNS = 80;
    private static final int LEAST_COLUMNS = 20;

    /** A terminal that does not know its width says 0. */
    public Console {
        columns = columns < LEAST_COLUMNS ? DEFAULT_COLUMNS : columns;
    }

    /** One that shows progress. */
    public Console(PrintWriter out, PrintWriter err, boolean terminal, int columns) {
        this(out, err, terminal, columns, false);
    }

    /** The console of a running command; the launcher says whether it is a terminal. */
    public static Console of(CommandSpec spec) {
        var line = spec.commandLine();
        var columns = Integer.getInteger("mitune.columns", DEFAULT_COLUMNS);
        var terminal = Boolean.getBoolean("mitune.terminal");
        var quiet = Verbosity.isQuiet(spec.root().commandLine().getParseResult());
        return new Console(line.getOut(), line.getErr(), terminal, columns, quiet);
    }

    /** Prints one line of the result. */
    public void print(String line) {
        out.println(line);
        out.flush();
    }

    /** Prints one remark that is not part of the result. */
    public void remark(String line) {
        err.println(line);
        err.flush();
    }
}
