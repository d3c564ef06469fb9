package io.mitune.app;

import picocli.CommandLine;

/** The program's command line, for tests of other packages. */
public final class CommandLines {
    public static final String MAIN = Main.class.getName();

    private CommandLines() {}

    public static CommandLine create() {
        return Main.commandLine();
    }
}
