package io.mitune.app.adapter;

import picocli.CommandLine.Parameters;

/** The version that a command is about, as the user names it: RUN VERSION. */
final class VersionOfRun {
    @Parameters(
            index = "0",
            paramLabel = "RUN",
            description = "Line of adapters, as `run list` has them.")
    private String run;

    @Parameters(
            index = "1",
            paramLabel = "VERSION",
            description = "As `adapters list` has them; 0 is the base model.")
    private int version;

    String run() {
        return run;
    }

    int version() {
        return version;
    }
}
