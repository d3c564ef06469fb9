package io.mitune.app.demo;

import io.mitune.app.cli.DemoFiles;
import io.mitune.app.cli.UserError;
import io.mitune.diffusion.model.Family;
import io.mitune.diffusion.model.untrained.UntrainedModel;
import io.mitune.diffusion.scheduler.SchedulerKind;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The model that a demo runs on. Immutable.
 *
 * @param directory diffusers directory, if there is one
 * @param family of the model
 * @param untrained whether it is made on the fly, with random weights
 */
record DemoModel(Path directory, Family family, boolean untrained) {
    /** A model that is there. */
    static DemoModel of(Path directory) {
        return new DemoModel(directory, Family.of(directory), false);
    }

    /** An untrained model of a family, in the data directory. */
    static DemoModel untrained(String name, Path dataDir) {
        var family =
                switch (name) {
                    case "sdxl" -> Family.SDXL;
                    case "sd35", "sd3" -> Family.SD3;
                    default ->
                            throw new UserError("--family: expected sdxl or sd35, found " + name);
                };
        return new DemoModel(dataDir.resolve("untrained-model"), family, true);
    }

    /** Writes the model where it is one of those made on the fly. */
    void make() {
        if (untrained) {
            UntrainedModel.write(directory, family, DemoFiles.of("model/tokenizer"));
        }
    }

    /** What whoever looks at the result must know of the model. */
    Optional<String> warning() {
        return untrained
                ? Optional.of(
                        "UNTRAINED MODEL (%s, random weights): pictures are noise, and figures say"
                                        .formatted(family.key())
                                + " only that the stream runs.")
                : Optional.empty();
    }

    /** The sampler of candidates. */
    SchedulerKind candidates() {
        return family == Family.SD3 ? SchedulerKind.FLOW_MATCH_EULER : SchedulerKind.DDPM;
    }

    /** The sampler of test and validation images, which takes fewer steps. */
    SchedulerKind fast() {
        return family == Family.SD3 ? SchedulerKind.FLOW_MATCH_EULER : SchedulerKind.DDIM;
    }
}
