package io.mitune.diffusion.training;

/**
 * How many samples make a forward pass, an optimizer step and a run. Immutable.
 *
 * @param batchSize samples of one forward and backward pass
 * @param gradientAccumulation passes of one optimizer step
 * @param steps optimizer steps of the run
 */
public record BatchPlan(int batchSize, int gradientAccumulation, long steps) {

    public BatchPlan {
        Ranges.between("batch_size", batchSize, 1, 65_536);
        Ranges.between("gradient_accumulation", gradientAccumulation, 1, 65_536);
        Ranges.between("steps", steps, 0, 1_000_000_000L);
    }

    /** Samples of one optimizer step. */
    public int samplesPerStep() {
        return Math.multiplyExact(batchSize, gradientAccumulation);
    }
}
