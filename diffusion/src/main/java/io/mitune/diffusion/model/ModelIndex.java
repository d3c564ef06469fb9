package io.mitune.diffusion.model;

import io.mitune.diffusion.safetensors.ModelFileException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * model_index.json: which classes make up a diffusers pipeline.
 *
 * <p>The family of a model follows from these class names, never from its folder's name. Stateless.
 */
final class ModelIndex {
    static final String FILE = "model_index.json";
    private static final Map<Family, Map<String, String>> CLASSES =
            Map.of(
                    Family.SD,
                    Map.of(
                            "text_encoder", "CLIPTextModel",
                            "tokenizer", "CLIPTokenizer",
                            "unet", "UNet2DConditionModel",
                            "vae", "AutoencoderKL"),
                    Family.SDXL,
                    Map.of(
                            "text_encoder", "CLIPTextModel",
                            "text_encoder_2", "CLIPTextModelWithProjection",
                            "tokenizer", "CLIPTokenizer",
                            "tokenizer_2", "CLIPTokenizer",
                            "unet", "UNet2DConditionModel",
                            "vae", "AutoencoderKL"),
                    Family.SD3,
                    Map.of(
                            "text_encoder", "CLIPTextModelWithProjection",
                            "text_encoder_2", "CLIPTextModelWithProjection",
                            "tokenizer", "CLIPTokenizer",
                            "tokenizer_2", "CLIPTokenizer",
                            "transformer", "SD3Transformer2DModel",
                            "vae", "AutoencoderKL"));

    private ModelIndex() {}

    /** The family of a directory; refuses one that holds something else. */
    static Family family(Path directory) {
        SingleFile.refusal(directory)
                .ifPresent(
                        refusal -> {
                            throw refusal;
                        });
        if (!Files.isDirectory(directory)) {
            throw new ModelFileException(
                    directory, "expected a diffusers model directory, found none");
        }
        if (!Files.exists(directory.resolve(FILE))) {
            throw new ModelFileException(
                    directory,
                    "expected a diffusers model directory, with %s in it, found none"
                            .formatted(FILE));
        }
        var c = JsonConfig.read(directory.resolve(FILE));
        var pipeline = c.text("_class_name", "");
        var family = Family.ofClass(pipeline);
        if (family.isEmpty()) {
            throw new ModelFileException(
                    c.file(),
                    "unsupported pipeline '%s', expected one of %s".formatted(pipeline, known()));
        }
        new TreeMap<>(CLASSES.get(family.get()))
                .forEach((part, supported) -> requireClass(c, part, supported));
        return family.get();
    }

    static void requireClass(JsonConfig c, String part, String supported) {
        var names = c.texts(part);
        var found = names.get(names.size() - 1);
        if (!found.equals(supported) && !found.equals(supported + "Fast")) {
            throw new ModelFileException(
                    c.file(), "unsupported %s '%s', expected %s".formatted(part, found, supported));
        }
    }

    private static String known() {
        return Arrays.stream(Family.values())
                .map(Family::className)
                .collect(Collectors.joining(", "));
    }
}
