package io.mitune.diffusion.model;

import io.mitune.diffusion.safetensors.ModelFileException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * model_index.json: which classes make up a diffusers pipeline.
 *
 * <p>The family of a model follows from these class names, never from its folder's name. Stateless.
 */
final class ModelIndex {
    private static final String FILE = "model_index.json";
    private static final Map<String, String> CLASSES =
            Map.of(
                    "text_encoder", "CLIPTextModel",
                    "tokenizer", "CLIPTokenizer",
                    "unet", "UNet2DConditionModel",
                    "vae", "AutoencoderKL");

    private ModelIndex() {}

    /** Refuses a directory that does not hold a Stable Diffusion 1 or 2 pipeline. */
    static void requireStableDiffusion(Path directory) {
        if (!Files.isDirectory(directory)) {
            throw new ModelFileException(
                    directory, "expected a diffusers model directory, found none");
        }
        var c = JsonConfig.read(directory.resolve(FILE));
        var pipeline = c.text("_class_name", "");
        if (!pipeline.equals("StableDiffusionPipeline")) {
            throw new ModelFileException(
                    c.file(),
                    "unsupported pipeline '%s', expected StableDiffusionPipeline; Stable Diffusion"
                                    .formatted(pipeline)
                            + " 1.x and 2.x are supported, XL and 3 are not yet");
        }
        CLASSES.forEach(
                (part, supported) -> {
                    var names = c.texts(part);
                    var found = names.get(names.size() - 1);
                    if (!found.equals(supported) && !found.equals(supported + "Fast")) {
                        throw new ModelFileException(
                                c.file(),
                                "unsupported %s '%s', expected %s"
                                        .formatted(part, found, supported));
                    }
                });
    }
}
