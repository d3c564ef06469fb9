package io.mitune.diffusion.training;

/**
 * Where flow matching trains and what counts there, in the names of diffusers' trainers for SD 3;
 * other models do not read it. Immutable.
 *
 * @param weighting density of the train steps and weight of the squared error
 * @param logitMean m of the logit-normal density
 * @param logitStd s of the logit-normal density
 * @param modeScale s of the density with a mode
 * @param preconditionOutputs whether x_0 is compared, not the velocity
 */
public record FlowConfig(
        Weighting weighting,
        double logitMean,
        double logitStd,
        double modeScale,
        boolean preconditionOutputs) {

    /** The schemes of the SD 3 paper (arXiv 2403.03206, section 3.1). */
    public enum Weighting {
        /** Uniform density, weight 1 / sigma^2. */
        SIGMA_SQRT,
        /** The logit of the place is normal (eq. 19). */
        LOGIT_NORMAL,
        /** More in the middle, or less, and no place with density 0 (eq. 20). */
        MODE,
        /** Uniform density, weight 2 / (pi (1 - 2 sigma + 2 sigma^2)) (eq. 21). */
        COSMAP,
        /** Uniform density, weight 1. */
        NONE;

        /** Parses a name of diffusers, such as {@code logit_normal}. */
        public static Weighting of(String name) {
            return Labels.find(Weighting.class, "weighting_scheme", name);
        }

        /** The name in configuration files. */
        public String label() {
            return Labels.of(this);
        }
    }

    public FlowConfig {
        Ranges.between("logit_mean", logitMean, -100, 100);
        Ranges.positive("logit_std", logitStd, 100);
        Ranges.between("mode_scale", modeScale, -1, 2 / (Math.PI - 2));
    }

    /** The official recipe: logit-normal with mean 0 and deviation 1, outputs preconditioned. */
    public static FlowConfig official() {
        return new FlowConfig(Weighting.LOGIT_NORMAL, 0, 1, 1.29, true);
    }

    /** Whether the place follows from a normal number, not from a uniform one. */
    boolean drawsNormal() {
        return weighting == Weighting.LOGIT_NORMAL;
    }

    /**
     * Where in the table of train steps, 0 to 1.
     *
     * @param draw a standard normal number if {@link #drawsNormal}, else a uniform one of (0, 1)
     */
    double place(double draw) {
        return switch (weighting) {
            case LOGIT_NORMAL -> 1 / (1 + StrictMath.exp(-(logitMean + logitStd * draw)));
            case MODE -> {
                double root = StrictMath.cos(Math.PI / 2 * draw);
                yield 1 - draw - modeScale * (root * root - 1 + draw);
            }
            case SIGMA_SQRT, COSMAP, NONE -> draw;
        };
    }

    /** Weight of the squared error of the velocity. */
    double weight(double sigma) {
        return switch (weighting) {
            case SIGMA_SQRT -> 1 / (sigma * sigma);
            case COSMAP -> 2 / (Math.PI * (1 - 2 * sigma + 2 * sigma * sigma));
            case LOGIT_NORMAL, MODE, NONE -> 1;
        };
    }
}
