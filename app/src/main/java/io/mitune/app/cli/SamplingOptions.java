package io.mitune.app.cli;

import io.mitune.diffusion.model.Family;
import io.mitune.schemas.RequestLimits;
import io.mitune.schemas.SamplingSettings;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * How images are drawn. Each command starts from defaults of its own: the method's settings for
 * candidates, cheaper ones for looking.
 */
public final class SamplingOptions {
    private static final Usual FLOW = new Usual("flow-match-euler", 28, 7);

    @Option(
            names = "--scheduler",
            paramLabel = "NAME",
            description =
                    "ddpm, ddim, euler or pndm; flow-match-euler for SD 3, and only there"
                            + " (default: by the model).")
    private Optional<String> scheduler = Optional.empty();

    @Option(
            names = "--num-inference-steps",
            paramLabel = "N",
            description = "Denoising steps (default: by the model; 28 for SD 3).")
    private Optional<Integer> steps = Optional.empty();

    @Option(
            names = "--guidance-scale",
            paramLabel = "G",
            description = "Classifier-free guidance; 1 is none (default: 7.5; 7 for SD 3).")
    private Optional<Double> guidance = Optional.empty();

    @Option(
            names = "--height",
            paramLabel = "PIXELS",
            description = "Of the pictures; a multiple of 8 (default: the model's own).")
    private int height;

    @Option(
            names = "--width",
            paramLabel = "PIXELS",
            description = "Of the pictures; a multiple of 8 (default: the model's own).")
    private int width;

    private final Usual usual;

    private record Usual(String scheduler, int steps, double guidance) {}

    /** Options with these defaults where the model is not SD 3, or not known. */
    public SamplingOptions(String scheduler, int steps, double guidance) {
        usual = new Usual(scheduler, steps, guidance);
    }

    /** The checked settings for a model that the command does not know. */
    public SamplingSettings settings() {
        return settings(usual);
    }

    /** The checked settings for a model of this family. */
    public SamplingSettings settings(Family family) {
        return settings(family == Family.SD3 ? FLOW : usual);
    }

    private SamplingSettings settings(Usual defaults) {
        var settings =
                SamplingSettings.newBuilder()
                        .setScheduler(scheduler.orElse(defaults.scheduler()))
                        .setNumInferenceSteps(steps.orElse(defaults.steps()))
                        .setGuidanceScale(guidance.orElse(defaults.guidance()))
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
