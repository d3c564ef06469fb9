package io.mitune.diffusion.model;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** The kinds of pipeline that this project runs, by the class name in model_index.json. */
public enum Family {
    /** Stable Diffusion 1 and 2: one text encoder, a U-Net, diffusion. */
    SD("sd", "StableDiffusionPipeline"),
    /** Stable Diffusion XL: two text encoders, a larger U-Net, diffusion. */
    SDXL("sdxl", "StableDiffusionXLPipeline"),
    /** Stable Diffusion 3: three text encoders, a transformer, rectified flow. */
    SD3("sd3", "StableDiffusion3Pipeline");

    private final String key;
    private final String className;

    Family(String key, String className) {
        this.key = key;
        this.className = className;
    }

    /** Short name, for output. */
    public String key() {
        return key;
    }

    /** The pipeline's class in diffusers. */
    public String className() {
        return className;
    }

    /** The family of a diffusers directory, by its model_index.json alone. */
    public static Family of(Path directory) {
        return ModelIndex.family(directory);
    }

    static Optional<Family> ofClass(String className) {
        return Arrays.stream(values()).filter(f -> f.className.equals(className)).findFirst();
    }
}
