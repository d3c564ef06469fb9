package io.mitune.diffusion.scheduler;

import java.util.Arrays;
import java.util.List;

/**
 * Everything that one sampler reads of its config, defaults filled in. Names are those of
 * scheduler_config.json; a key that the sampler does not have holds a neutral value.
 *
 * @param kind the sampler
 * @param schedule the forward process
 * @param predictionType what the model predicts
 * @param timestepSpacing how sampling steps are laid over train steps
 * @param stepsOffset added to each timestep in leading spacing
 * @param setAlphaToOne abar before the first train step is 1, else abar_0 (DDIM, PNDM)
 * @param clipSample whether predicted x0 is clipped (DDPM, DDIM)
 * @param clipSampleRange the bound of that clipping
 * @param largeVariance posterior noise has variance beta_t, else the smaller exact one (DDPM)
 * @param skipPrkSteps start with linear multistep, without Runge-Kutta steps (PNDM)
 * @param finalSigmaZero the last sigma is 0, else the smallest train sigma (Euler)
 * @param logLinearSigmas sigmas are equally spaced in the logarithm (Euler)
 */
public record SchedulerSettings(
        SchedulerKind kind,
        NoiseSchedule schedule,
        PredictionType predictionType,
        TimestepSpacing timestepSpacing,
        int stepsOffset,
        boolean setAlphaToOne,
        boolean clipSample,
        double clipSampleRange,
        boolean largeVariance,
        boolean skipPrkSteps,
        boolean finalSigmaZero,
        boolean logLinearSigmas) {

    static SchedulerSettings of(SchedulerKind kind, SchedulerKeys keys) {
        boolean clips = kind == SchedulerKind.DDPM || kind == SchedulerKind.DDIM;
        boolean euler = kind == SchedulerKind.EULER;
        refuseUnsupported(kind, keys);
        return new SchedulerSettings(
                kind,
                schedule(kind, keys),
                predictionType(keys),
                spacing(kind, keys),
                keys.integer("steps_offset", 0, 0, SchedulerKeys.MAX_TRAIN_STEPS),
                keys.flag("set_alpha_to_one", kind == SchedulerKind.DDIM),
                clips && keys.flag("clip_sample", true),
                keys.between("clip_sample_range", 1, 0, Double.MAX_VALUE),
                kind == SchedulerKind.DDPM && variance(keys).equals("fixed_large"),
                keys.flag("skip_prk_steps", false),
                !euler || finalSigmas(keys).equals("zero"),
                euler && interpolation(keys).equals("log_linear"));
    }

    private static void refuseUnsupported(SchedulerKind kind, SchedulerKeys keys) {
        if (kind == SchedulerKind.DDPM || kind == SchedulerKind.DDIM) {
            keys.requireOff("thresholding");
        }
        if (kind == SchedulerKind.EULER) {
            keys.requireOff("use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas");
            keys.choice("timestep_type", "discrete", List.of("discrete"));
        }
    }

    private static NoiseSchedule schedule(SchedulerKind kind, SchedulerKeys keys) {
        int steps = keys.trainSteps();
        double start = keys.between("beta_start", 1e-4, 0, 1);
        double end = keys.between("beta_end", 0.02, 0, 1);
        String name =
                keys.choice(
                        "beta_schedule",
                        "linear",
                        List.of("linear", "scaled_linear", "squaredcos_cap_v2"));
        var schedule =
                keys.floats("trained_betas", steps)
                        .map(NoiseSchedule::of)
                        .orElseGet(
                                () ->
                                        switch (name) {
                                            case "linear" ->
                                                    NoiseSchedule.linear(steps, start, end);
                                            case "scaled_linear" ->
                                                    NoiseSchedule.scaledLinear(steps, start, end);
                                            default -> NoiseSchedule.cosine(steps);
                                        });
        boolean rescale = kind != SchedulerKind.PNDM && keys.flag("rescale_betas_zero_snr", false);
        return rescale ? schedule.zeroTerminalSnr() : schedule;
    }

    private static PredictionType predictionType(SchedulerKeys keys) {
        var names = Arrays.stream(PredictionType.values()).map(PredictionType::key).toList();
        return PredictionType.values()[
                names.indexOf(keys.choice("prediction_type", "epsilon", names))];
    }

    private static TimestepSpacing spacing(SchedulerKind kind, SchedulerKeys keys) {
        var names = Arrays.stream(TimestepSpacing.values()).map(TimestepSpacing::key).toList();
        String missing = kind == SchedulerKind.EULER ? "linspace" : "leading";
        return TimestepSpacing.values()[
                names.indexOf(keys.choice("timestep_spacing", missing, names))];
    }

    private static String variance(SchedulerKeys keys) {
        return keys.choice(
                "variance_type",
                "fixed_small",
                List.of("fixed_small", "fixed_small_log", "fixed_large"));
    }

    private static String finalSigmas(SchedulerKeys keys) {
        return keys.choice("final_sigmas_type", "zero", List.of("zero", "sigma_min"));
    }

    private static String interpolation(SchedulerKeys keys) {
        return keys.choice("interpolation_type", "linear", List.of("linear", "log_linear"));
    }
}
