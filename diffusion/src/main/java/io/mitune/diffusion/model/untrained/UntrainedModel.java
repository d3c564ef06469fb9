package io.mitune.diffusion.model.untrained;

import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.model.Family;
import io.mitune.diffusion.model.clip.ClipTextConfig;
import io.mitune.diffusion.model.clip.ClipTextModel;
import io.mitune.diffusion.model.clip.ClipTextModelWithProjection;
import io.mitune.diffusion.model.sd3.SD3Transformer2DModel;
import io.mitune.diffusion.model.sd3.Sd3Config;
import io.mitune.diffusion.model.t5.T5Config;
import io.mitune.diffusion.model.t5.T5EncoderModel;
import io.mitune.diffusion.model.unet.UNet2DConditionModel;
import io.mitune.diffusion.model.unet.UNetConfig;
import io.mitune.diffusion.model.vae.AutoencoderKl;
import io.mitune.diffusion.model.vae.VaeConfig;
import io.mitune.diffusion.nn.Adapters;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.Torch;
import io.mitune.diffusion.nn.Weights;
import io.mitune.diffusion.safetensors.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Writes a small model of a family with random weights, in the layout that real ones have.
 *
 * <p>To run everything that surrounds a model where no real one is at hand: its pictures are noise.
 * Files are the same at each call. Stateless.
 */
public final class UntrainedModel {
    private static final String DIFFUSERS = "diffusion_pytorch_model.safetensors";
    private static final String TRANSFORMERS = "model.safetensors";
    private static final List<String> TOKENIZER =
            List.of("vocab.json", "merges.txt", "special_tokens_map.json", "tokenizer_config.json");
    private static final Map<Family, List<String>> CONFIGS =
            Map.of(
                    Family.SDXL,
                    List.of(
                            "scheduler/scheduler_config.json",
                            "text_encoder/config.json",
                            "text_encoder_2/config.json",
                            "unet/config.json",
                            "vae/config.json",
                            "model_index.json"),
                    Family.SD3,
                    List.of(
                            "scheduler/scheduler_config.json",
                            "text_encoder/config.json",
                            "text_encoder_2/config.json",
                            "text_encoder_3/config.json",
                            "tokenizer_3/tokenizer.json",
                            "tokenizer_3/tokenizer_config.json",
                            "transformer/config.json",
                            "vae/config.json",
                            "model_index.json"));

    private final Path directory;
    private final Path scratch;

    private UntrainedModel(Path directory, Path scratch) {
        this.directory = directory;
        this.scratch = scratch;
    }

    /**
     * Writes the model, model_index.json last; does nothing where that is already there.
     *
     * @param directory made if need be
     * @param family SDXL or SD3
     * @param clipTokenizer folder of the demo model's tokenizer, which fits the text encoders
     * @throws ModelFileException if it cannot be written
     */
    public static void write(Path directory, Family family, Path clipTokenizer) {
        if (!CONFIGS.containsKey(family)) {
            throw new IllegalArgumentException(
                    "untrained model: expected sdxl or sd3, found " + family.key());
        }
        if (Files.exists(directory.resolve("model_index.json"))) {
            return;
        }
        Torch.setUp();
        try {
            Files.createDirectories(directory);
            var scratch = Files.createTempDirectory(directory, "weights");
            try {
                new UntrainedModel(directory, scratch).write(family, clipTokenizer);
            } finally {
                delete(scratch);
            }
        } catch (IOException e) {
            throw new ModelFileException(directory, "cannot be written: " + e.getMessage(), e);
        }
    }

    private void write(Family family, Path clipTokenizer) throws IOException {
        for (var folder : List.of("tokenizer", "tokenizer_2")) {
            for (var file : TOKENIZER) {
                copy(Files.readAllBytes(clipTokenizer.resolve(file)), folder + "/" + file);
            }
        }
        var configs = CONFIGS.get(family);
        for (var config : configs.subList(0, configs.size() - 1)) {
            copyResource(family, config);
        }
        networks(family);
        copyResource(family, configs.get(configs.size() - 1));
    }

    private void networks(Family family) throws IOException {
        var vae = VaeConfig.read(config("vae"));
        network("vae", DIFFUSERS, w -> new AutoencoderKl(w, vae));
        var first = ClipTextConfig.read(config("text_encoder"));
        var second = ClipTextConfig.read(config("text_encoder_2"));
        network("text_encoder_2", TRANSFORMERS, w -> new ClipTextModelWithProjection(w, second));
        if (family == Family.SDXL) {
            network("text_encoder", TRANSFORMERS, w -> new ClipTextModel(w, first));
            var unet = UNetConfig.read(config("unet"));
            network("unet", DIFFUSERS, w -> new UNet2DConditionModel(w, unet, vae.scale()));
        } else {
            network("text_encoder", TRANSFORMERS, w -> new ClipTextModelWithProjection(w, first));
            var t5 = T5Config.read(config("text_encoder_3"));
            network("text_encoder_3", TRANSFORMERS, w -> new T5EncoderModel(w, t5));
            var transformer = Sd3Config.read(config("transformer"));
            network("transformer", DIFFUSERS, w -> new SD3Transformer2DModel(w, transformer));
        }
    }

    private Path config(String part) {
        return directory.resolve(part).resolve("config.json");
    }

    /** Builds a network on weights that are made up, and keeps what it asked for. */
    private void network(String part, String file, Consumer<Weights> build) throws IOException {
        var folder = Files.createDirectories(scratch.resolve(part));
        var weights = new RandomWeights(folder, part.hashCode());
        try (var manager = NDManager.newBaseManager()) {
            build.accept(Weights.of(weights, manager, Dtype.FP32, Adapters.NONE));
        }
        weights.save(directory.resolve(part).resolve(file));
    }

    private void copyResource(Family family, String name) throws IOException {
        var resource = family.key() + "/" + name;
        try (var in = UntrainedModel.class.getResourceAsStream(resource)) {
            copy(in.readAllBytes(), name);
        }
    }

    /** The file appears whole or not at all. */
    private void copy(byte[] content, String name) throws IOException {
        var file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        var partial = file.resolveSibling(file.getFileName() + ".partial");
        Files.write(partial, content);
        Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void delete(Path folder) throws IOException {
        List<Path> all;
        try (var found = Files.walk(folder)) {
            all = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (var each : all) {
            Files.delete(each);
        }
    }
}
