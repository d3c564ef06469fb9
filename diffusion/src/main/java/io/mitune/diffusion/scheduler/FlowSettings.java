package io.mitune.diffusion.scheduler;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Everything that flow matching reads of its config, defaults filled in; names are those of
 * scheduler_config.json. A noisy sample is x = (1 - sigma) x0 + sigma noise (SD 3, arXiv
 * 2403.03206, eq. 13), and the model is told the timestep sigma T. Immutable and thread-safe.
 *
 * @param trainSteps T
 * @param shift moves sigma towards noise, sigma' = s sigma / (1 + (s - 1) sigma) (eq. 23)
 * @param dynamicShift shift by image size in place of the fixed one
 * @param shiftTerminal the smallest sigma of a run, to which all are stretched
 * @param spacing how sigmas lie between the largest and the smallest
 * @param stochasticSampling each step draws new noise
 */
public record FlowSettings(
        int trainSteps,
        double shift,
        Optional<DynamicShift> dynamicShift,
        OptionalDouble shiftTerminal,
        Spacing spacing,
        boolean stochasticSampling) {

    private static final int MAX_TOKENS = 1 << 30;

    /** How sigmas lie between the largest and the smallest. */
    enum Spacing {
        /** As the shift says. */
        SHIFTED,
        /** Equal steps of sigma^(1/7) (Karras et al. 2022, eq. 5). */
        KARRAS,
        /** Equal steps of log sigma. */
        EXPONENTIAL
    }

    /**
     * A shift whose strength mu is linear in the number of image tokens.
     *
     * @param exponential the shift is e^mu, else mu
     * @param baseShift mu at {@code baseTokens}
     * @param maxShift mu at {@code maxTokens}
     * @param baseTokens a small image's
     * @param maxTokens a large image's
     */
    record DynamicShift(
            boolean exponential, double baseShift, double maxShift, int baseTokens, int maxTokens) {
        double shift(long tokens) {
            double slope = (maxShift - baseShift) / (maxTokens - baseTokens);
            double mu = tokens * slope + (baseShift - slope * baseTokens);
            return exponential ? Math.exp(mu) : mu;
        }
    }

    static FlowSettings of(SchedulerKeys keys) {
        keys.requireOff("invert_sigmas", "use_beta_sigmas");
        double terminal = keys.number("shift_terminal", 0);
        return new FlowSettings(
                keys.trainSteps(),
                keys.between("shift", 1, 0, Double.MAX_VALUE),
                keys.flag("use_dynamic_shifting", false)
                        ? Optional.of(dynamicShift(keys))
                        : Optional.empty(),
                terminal == 0
                        ? OptionalDouble.empty()
                        : OptionalDouble.of(keys.between("shift_terminal", 0, 0, 1)),
                spacing(keys),
                keys.flag("stochastic_sampling", false));
    }

    private static DynamicShift dynamicShift(SchedulerKeys keys) {
        var types = List.of("exponential", "linear");
        int base = keys.integer("base_image_seq_len", 256, 1, MAX_TOKENS - 1);
        return new DynamicShift(
                keys.choice("time_shift_type", "exponential", types).equals("exponential"),
                keys.number("base_shift", 0.5),
                keys.number("max_shift", 1.15),
                base,
                keys.integer("max_image_seq_len", 4096, base + 1, MAX_TOKENS));
    }

    private static Spacing spacing(SchedulerKeys keys) {
        boolean karras = keys.flag("use_karras_sigmas", false);
        if (karras) {
            keys.requireOff("use_exponential_sigmas");
        }
        boolean exponential = keys.flag("use_exponential_sigmas", false);
        return karras ? Spacing.KARRAS : exponential ? Spacing.EXPONENTIAL : Spacing.SHIFTED;
    }

    /**
     * sigma of each train step, from 1 down, in single precision as the Python library computes
     * them. The fixed shift is in them, a dynamic one is not.
     */
    public float[] trainSigmas() {
        var sigmas = new float[trainSteps];
        for (int i = 0; i < trainSteps; i++) {
            float sigma = (float) (trainSteps - i) / trainSteps;
            sigmas[i] =
                    dynamicShift.isPresent()
                            ? sigma
                            : (float) shift * sigma / (1 + (float) (shift - 1) * sigma);
        }
        return sigmas;
    }

    /**
     * sigma of each sampling step, falling, without the final 0.
     *
     * @param tokens of the image, which a dynamic shift depends on
     */
    float[] samplingSigmas(int steps, long tokens) {
        var train = trainSigmas();
        double s = dynamicShift.map(d -> d.shift(tokens)).orElse(shift);
        var sigmas = linspace(train[0], train[trainSteps - 1], steps);
        for (int i = 0; i < steps; i++) {
            sigmas[i] = s * sigmas[i] / (1 + (s - 1) * sigmas[i]);
        }
        shiftTerminal.ifPresent(end -> stretch(sigmas, end));
        var spaced = spaced(sigmas[0], sigmas[steps - 1], sigmas);
        var rounded = new float[steps];
        for (int i = 0; i < steps; i++) {
            rounded[i] = (float) spaced[i];
            if (!(rounded[i] > 0 && rounded[i] <= (i == 0 ? 1 : rounded[i - 1]))) {
                throw new IllegalArgumentException(
                        "scheduler: expected sigmas that fall from 1 towards 0, found %s at step %d"
                                        .formatted(rounded[i], i + 1)
                                + " of %d; use other steps or another shift".formatted(steps));
            }
        }
        return rounded;
    }

    private double[] spaced(double high, double low, double[] shifted) {
        int n = shifted.length;
        return switch (spacing) {
            case SHIFTED -> shifted;
            case KARRAS ->
                    Arrays.stream(linspace(Math.pow(high, 1.0 / 7), Math.pow(low, 1.0 / 7), n))
                            .map(root -> Math.pow(root, 7))
                            .toArray();
            case EXPONENTIAL ->
                    Arrays.stream(linspace(Math.log(high), Math.log(low), n))
                            .map(Math::exp)
                            .toArray();
        };
    }

    /** 1 - sigma in proportion, so that the last sigma is {@code end}. */
    private static void stretch(double[] sigmas, double end) {
        double factor = (1 - sigmas[sigmas.length - 1]) / (1 - end);
        for (int i = 0; i < sigmas.length; i++) {
            sigmas[i] = 1 - (1 - sigmas[i]) / factor;
        }
    }

    private static double[] linspace(double start, double end, int n) {
        var values = new double[n];
        for (int i = 0; i < n; i++) {
            values[i] = i > 0 && i == n - 1 ? end : start + (end - start) * i / (n - 1.0);
        }
        values[0] = start;
        return values;
    }
}
