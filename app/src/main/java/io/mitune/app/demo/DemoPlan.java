package io.mitune.app.demo;

import io.mitune.diffusion.nn.Dtype;
import java.nio.file.Path;

/**
 * What one call of the demo does. Immutable.
 *
 * @param dataDir kept between calls
 * @param model what it runs on
 * @param prompts tuning prompts
 * @param validationPrompts decide on promotion
 * @param testPrompts judge the result; never tuned on
 * @param rounds rounds to add to what the data directory holds
 * @param scale how much it does
 * @param guidanceScale classifier-free guidance, for candidates and test images
 * @param guard whether the guard against collapse may stop the run
 * @param control also train on candidates picked blindly
 * @param workers that share the cores
 * @param dtype of the denoiser
 * @param seed of the whole run
 */
record DemoPlan(
        Path dataDir,
        DemoModel model,
        Path prompts,
        Path validationPrompts,
        Path testPrompts,
        int rounds,
        DemoScale scale,
        double guidanceScale,
        boolean guard,
        boolean control,
        int workers,
        Dtype dtype,
        long seed) {
    /** Line of adapters of the demo; the control arm adds its policy's suffix. */
    static final String RUN = "demo";
}
