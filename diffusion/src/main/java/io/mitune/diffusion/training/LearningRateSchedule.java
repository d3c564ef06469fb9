package io.mitune.diffusion.training;

/**
 * Factor on the learning rate by optimizer step, as diffusers' {@code get_scheduler} defines the
 * three names, so that a recipe means the same here and there. Immutable.
 *
 * <p>Warm-up starts from 0: step 0 of a schedule with warm-up does not move the weights.
 *
 * @param kind the shape
 * @param warmupSteps optimizer steps of the linear rise; ignored by {@link Kind#CONSTANT}
 */
public record LearningRateSchedule(Kind kind, int warmupSteps) {

    /** The shapes, in diffusers' names. */
    public enum Kind {
        CONSTANT,
        CONSTANT_WITH_WARMUP,
        COSINE;

        /** Parses {@code constant}, {@code constant_with_warmup} or {@code cosine}. */
        public static Kind of(String name) {
            return Labels.find(Kind.class, "lr_scheduler", name);
        }

        /** The name in configuration files. */
        public String label() {
            return Labels.of(this);
        }
    }

    public LearningRateSchedule {
        Ranges.between("lr_warmup_steps", warmupSteps, 0, 10_000_000);
    }

    /** No warm-up, no decay. */
    public static LearningRateSchedule constant() {
        return new LearningRateSchedule(Kind.CONSTANT, 0);
    }

    /**
     * The factor of one optimizer step.
     *
     * @param step counted from 0
     * @param totalSteps of the whole run; only the cosine needs it
     */
    public double factor(long step, long totalSteps) {
        if (kind == Kind.CONSTANT) {
            return 1;
        }
        if (step < warmupSteps) {
            return (double) step / warmupSteps;
        }
        if (kind == Kind.CONSTANT_WITH_WARMUP) {
            return 1;
        }
        var progress = (double) (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
        return Math.max(0, 0.5 * (1 + StrictMath.cos(Math.PI * progress)));
    }

    /** True if the factor of a step depends on the length of the run. */
    public boolean dependsOnTotal() {
        return kind == Kind.COSINE;
    }
}
