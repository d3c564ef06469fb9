package io.mitune.workers;

import ai.djl.Device;
import io.mitune.diffusion.devices.Devices;
import io.mitune.diffusion.training.TrainingConfig;
import io.mitune.schemas.SamplingSettings;
import java.nio.file.Path;
import java.util.List;

/**
 * The trainer of one run.
 *
 * @param run line of adapters; one trainer at a time
 * @param model directory of the diffusers model
 * @param devices where to train
 * @param training what it computes; its number of steps is that of one round, or in stream mode
 *     that of the whole run
 * @param mode round by round, or as samples arrive
 * @param rounds end after this round; 0 to go on for ever; not used in stream mode
 * @param checkpointEvery optimizer steps between checkpoints
 * @param validation how versions are compared
 */
public record TrainerRoleConfig(
        String run,
        Path model,
        Devices devices,
        TrainingConfig training,
        TrainingMode mode,
        int rounds,
        int checkpointEvery,
        Validation validation) {

    /**
     * The images by which an adapter version is judged.
     *
     * @param prompts validation prompts, never the test prompts
     * @param imagesPerPrompt images of each
     * @param seed the same for all versions
     * @param sampling sampler settings
     * @param microBatch images per denoiser call
     */
    public record Validation(
            List<String> prompts,
            int imagesPerPrompt,
            long seed,
            SamplingSettings sampling,
            int microBatch) {

        public Validation {
            prompts = List.copyOf(prompts);
            if (prompts.isEmpty()) {
                throw new IllegalArgumentException(
                        "validation.prompts: expected at least one, found none; without validation"
                                + " no adapter is ever promoted");
            }
            require("validation.images_per_prompt", imagesPerPrompt, 1, 10_000);
            require("validation.micro_batch", microBatch, 1, 128);
        }
    }

    public TrainerRoleConfig {
        if (!run.matches("[A-Za-z0-9._-]{1,100}")) {
            throw new IllegalArgumentException(
                    "run: expected 1 to 100 letters, digits, dots, underscores or hyphens, found '"
                            + run
                            + "'");
        }
        require("rounds", rounds, 0, 1_000_000);
        require("checkpoint_every", checkpointEvery, 1, 1_000_000);
    }

    /** All rounds for ever, on the CPU, a checkpoint every 10 steps. */
    public static TrainerRoleConfig of(
            String run, Path model, TrainingConfig training, Validation validation) {
        return new TrainerRoleConfig(
                run,
                model,
                Devices.of(Device.cpu()),
                training,
                new TrainingMode.Rounds(),
                0,
                10,
                validation);
    }

    public TrainerRoleConfig withDevices(Devices value) {
        return new TrainerRoleConfig(
                run, model, value, training, mode, rounds, checkpointEvery, validation);
    }

    public TrainerRoleConfig withRounds(int value) {
        return new TrainerRoleConfig(
                run, model, devices, training, mode, value, checkpointEvery, validation);
    }

    public TrainerRoleConfig withCheckpointEvery(int value) {
        return new TrainerRoleConfig(
                run, model, devices, training, mode, rounds, value, validation);
    }

    public TrainerRoleConfig withMode(TrainingMode value) {
        return new TrainerRoleConfig(
                run, model, devices, training, value, rounds, checkpointEvery, validation);
    }

    private static void require(String name, int found, int least, int most) {
        if (found < least || found > most) {
            throw new IllegalArgumentException(
                    "%s: expected %d to %d, found %d".formatted(name, least, most, found));
        }
    }
}
