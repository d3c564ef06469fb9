package io.mitune.diffusion.adapter;

import io.mitune.diffusion.model.JsonConfig;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.WeightFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The denoiser of a model on disk, for what an adapter needs to know of it without running it.
 *
 * <p>Only headers are read until a weight is asked for, so it opens at once, whatever its size.
 * Immutable and thread-safe.
 *
 * @param directory the diffusers directory
 * @param component which network its denoiser is
 * @param files that network's weights
 * @param kohyaNames how kohya calls its modules
 */
public record BaseModel(
        Path directory, Component component, WeightFiles files, KohyaNames kohyaNames) {
    private static final String WEIGHT = ".weight";

    /**
     * @throws ModelFileException if the directory has no denoiser
     */
    public static BaseModel open(Path directory) {
        var component =
                Arrays.stream(Component.values())
                        .filter(c -> Files.exists(directory.resolve(c.label() + "/config.json")))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new ModelFileException(
                                                directory,
                                                "expected a diffusers model with unet/config.json"
                                                        + " or transformer/config.json, found"
                                                        + " neither"));
        var folder = directory.resolve(component.label());
        var config = JsonConfig.read(folder.resolve("config.json"));
        return new BaseModel(
                directory,
                component,
                WeightFiles.find(folder, "diffusion_pytorch_model"),
                names(component, config));
    }

    private static KohyaNames names(Component component, JsonConfig config) {
        if (component == Component.TRANSFORMER) {
            return new KohyaNames(KohyaNames.Naming.MMDIT, KohyaNames.USUAL_LAYERS);
        }
        int levels = config.texts("down_block_types").size();
        int layers = config.levels("layers_per_block", levels, KohyaNames.USUAL_LAYERS).get(0);
        boolean xl = config.text("addition_embed_type", "").equals("text_time");
        return new KohyaNames(
                xl ? KohyaNames.Naming.STABILITY : KohyaNames.Naming.DIFFUSERS, layers);
    }

    /** Dotted paths of the modules whose weight is a matrix. */
    public Set<String> linearPaths() {
        return files.names().stream()
                .filter(k -> k.endsWith(WEIGHT))
                .filter(k -> files.fileOf(k).info(k).shape().size() == 2)
                .map(k -> k.substring(0, k.length() - WEIGHT.length()))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The type of the denoiser's weights on disk, where loading costs least. */
    public Dtype storedDtype() {
        var first = files.names().iterator().next();
        return switch (files.fileOf(first).info(first).type()) {
            case F16 -> Dtype.FP16;
            case BF16 -> Dtype.BF16;
            default -> Dtype.FP32;
        };
    }

    /**
     * An error unless each module of the adapter is one of the denoiser's, of its shape.
     *
     * @throws ModelFileException that names the first that is not
     */
    public void requireFits(AdapterWeights adapter) {
        adapter.requireKnownModules(linearPaths());
        for (var path : adapter.modules().keySet()) {
            var shape = files.fileOf(path + WEIGHT).info(path + WEIGHT).shape();
            adapter.factors(path, shape.get(0), shape.get(1));
        }
    }

    /** The weight of a module, [out, in] row by row. */
    float[] weight(String path) {
        return FloatTensors.read(files.fileOf(path + WEIGHT), path + WEIGHT);
    }
}
