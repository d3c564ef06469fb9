package io.mitune.diffusion.training;

/**
 * How far a run has come. Immutable.
 *
 * @param step number of the next optimizer step
 * @param samples samples passed through the network
 * @param skipped steps without effect because loss or gradient was not finite
 */
public record TrainerProgress(long step, long samples, long skipped) {
    static final TrainerProgress START = new TrainerProgress(0, 0, 0);

    TrainerProgress after(StepResult result) {
        return new TrainerProgress(
                step + 1, samples + result.samples(), skipped + (result.skipped() ? 1 : 0));
    }
}
