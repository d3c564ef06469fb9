package io.mitune.app.cli;

import io.mitune.schemas.RequestLimits;
import io.mitune.schemas.SamplingSettings;
import picocli.CommandLine.Option;

/**
 * How images are drawn. Each command starts from defaults of its own: the method's settings for
 * candidates, cheaper ones for looking.
 */
public final class SamplingOptions {
    @Option(
            names = "--scheduler",
            paramLabel = "NAME",
            description =
                    "ddpm, ddim, euler, pndm or flow-match-euler (default: ${DEFAULT-VALUE}).")
    private String scheduler;

    @Option(
            names = "--num-inference-steps",
            paramLabel = "N",
            description = "Denoising steps (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--guidance-scale",
            paramLabel = "G",
            description = "Classifier-free guidance; 1 is none (default: ${DEFAULT-VALUE}).")
    private double guidance;

    @Option(names = "--height", paramLabel = "PIXELS", description = "0 is the model's own.")
    private int height;

    @Option(names = "--width", paramLabel = "PIXELS", description = "0 is the model's own.")
    private int width;

    /** Options with these defaults. */
    public SamplingOptions(String scheduler, int steps, double guidance) {
        this.scheduler = scheduler;
        this.steps = steps;
        this.guidance = guidance;
    }

    /** The checked settings. */
    public SamplingSettings settings() {
        var settings =
                SamplingSettings.newBuilder()
                        .setScheduler(scheduler)
                        .setNumInferenceSteps(steps)
                        .setGuidanceScale(guidance)
                        .setHeight(height)
                        .setWidth(width)
                        .build();
        RequestLimits.samplingFault(settings)
                .ifPresent(
                        fault -> {
                            throw new UserError(OptionNames.of(fault));
                        });
        return settings;
    }
}
