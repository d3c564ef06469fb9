package io.mitune.app.cli;

import io.mitune.workers.TrainingMode;
import picocli.CommandLine.Option;

/** Whether a trainer works by rounds or as samples arrive. */
public final class TrainingModeOptions {
    @Option(
            names = "--mode",
            paramLabel = "MODE",
            defaultValue = "rounds",
            description =
                    "rounds waits for all samples of a round; stream trains as they arrive"
                            + " (default: ${DEFAULT-VALUE}).")
    private String mode;

    @Option(
            names = "--new-per-step",
            paramLabel = "N",
            defaultValue = "8",
            description = "Stream: new samples that make a step due (default: ${DEFAULT-VALUE}).")
    private int newPerStep;

    @Option(
            names = "--window",
            paramLabel = "N",
            defaultValue = "700",
            description = "Stream: newest samples to draw from (default: ${DEFAULT-VALUE}).")
    private int window;

    @Option(
            names = "--max-staleness",
            paramLabel = "N",
            defaultValue = "2",
            description =
                    "Stream: adapter versions that a sample may be behind"
                            + " (default: ${DEFAULT-VALUE}).")
    private int maxStaleness;

    @Option(
            names = "--steps-per-version",
            paramLabel = "N",
            defaultValue = "10",
            description = "Stream: optimizer steps between versions (default: ${DEFAULT-VALUE}).")
    private int stepsPerVersion;

    /** The checked mode. */
    public TrainingMode mode() {
        return switch (mode) {
            case "rounds" -> new TrainingMode.Rounds();
            case "stream" ->
                    new TrainingMode.Stream(newPerStep, window, maxStaleness, stepsPerVersion);
            default -> throw new UserError("--mode: expected rounds or stream, found " + mode);
        };
    }
}
