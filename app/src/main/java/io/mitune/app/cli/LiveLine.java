package io.mitune.app.cli;

/**
 * A line that says how far something is: drawn over and over on a terminal, one line after the
 * other elsewhere, none at all with {@code --quiet}. Belongs to one thread at a time.
 */
public final class LiveLine {
    private final Console console;
    private int width;

    /** A line that comes when it is first shown. */
    public LiveLine(Console console) {
        this.console = console;
    }

    /** Shows it in place of what was shown before; on a terminal as much as fits. */
    public void show(String line) {
        if (console.quiet()) {
            return;
        }
        if (console.terminal()) {
            var fits = line.substring(0, Math.min(line.length(), console.columns() - 1));
            console.err().print("\r" + fits + " ".repeat(Math.max(0, width - fits.length())));
            width = fits.length();
        } else {
            console.err().println(line);
        }
        console.err().flush();
    }

    /** Leaves what is drawn where it is; what is shown next comes below. */
    public void end() {
        if (width > 0) {
            console.err().println();
            console.err().flush();
            width = 0;
        }
    }
}
