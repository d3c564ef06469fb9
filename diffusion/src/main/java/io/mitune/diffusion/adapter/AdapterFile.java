package io.mitune.diffusion.adapter;

import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import io.mitune.diffusion.safetensors.SafetensorsWriter;
import io.mitune.diffusion.safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and writes adapters in the two forms other tools know: a diffusers file and a peft
 * directory. Both carry the exact adapter; tools that know neither need the merged model.
 *
 * <p>diffusers: {@value #DIFFUSERS_NAME}, keys {@code unet.<module>.lora_A.weight}, {@code
 * .lora_B.weight}, {@code .lora_magnitude_vector}; the configuration is JSON in the header. peft:
 * {@value #PEFT_CONFIG} beside {@value #PEFT_WEIGHTS}, the same keys under {@code
 * base_model.model.}. Stateless.
 */
public final class AdapterFile {
    /** File name that diffusers looks for. */
    public static final String DIFFUSERS_NAME = "pytorch_lora_weights.safetensors";

    public static final String PEFT_CONFIG = "adapter_config.json";
    public static final String PEFT_WEIGHTS = "adapter_model.safetensors";

    private static final Logger log = LoggerFactory.getLogger(AdapterFile.class);
    private static final long MAX_CONFIG = 1 << 20;
    private static final String UNET = "unet.";
    private static final String PEFT = "base_model.model.";
    private static final String METADATA = "lora_adapter_metadata";

    private AdapterFile() {}

    /**
     * Reads a diffusers file, a directory that holds one, or a peft directory.
     *
     * @throws ModelFileException in one line that names file and key
     */
    public static AdapterWeights read(Path path) {
        if (Files.exists(path.resolve(PEFT_CONFIG))) {
            return readPeft(path);
        }
        return readDiffusers(Files.isDirectory(path) ? path.resolve(DIFFUSERS_NAME) : path);
    }

    private static AdapterWeights readDiffusers(Path path) {
        var file = SafetensorsFile.open(path);
        var modules = new AdapterTensors(file, UNET).read();
        var text = file.metadata().get(METADATA);
        if (modules.isEmpty()) {
            throw new ModelFileException(
                    path, "expected keys unet.<module>.lora_A.weight, found none");
        }
        var config = text == null ? assumed(path, modules) : AdapterMetadata.read(path, text, UNET);
        var rest = new LinkedHashMap<>(file.metadata());
        rest.keySet().removeAll(java.util.Set.of(METADATA, "format"));
        return new AdapterWeights(path.toString(), config, modules, rest);
    }

    /** What diffusers assumes of a file without configuration, said aloud. */
    private static DoraConfig assumed(Path path, Map<String, LoraFactors> modules) {
        var first = modules.values().iterator().next();
        log.warn(
                "{}: no {} in the header; alpha is taken to be the rank, {}",
                path,
                METADATA,
                first.rank());
        return new DoraConfig(
                first.rank(),
                first.rank(),
                modules.keySet().stream().map(AdapterFile::leaf).distinct().sorted().toList(),
                first.isDora());
    }

    private static String leaf(String path) {
        var parts = path.split("\\.");
        var last = parts[parts.length - 1];
        return last.matches("\\d+") && parts.length > 1
                ? parts[parts.length - 2] + "." + last
                : last;
    }

    private static AdapterWeights readPeft(Path directory) {
        var configFile = directory.resolve(PEFT_CONFIG);
        String text;
        try {
            if (Files.size(configFile) > MAX_CONFIG) {
                throw new ModelFileException(
                        configFile,
                        "expected at most %d bytes, found %d"
                                .formatted(MAX_CONFIG, Files.size(configFile)));
            }
            text = Files.readString(configFile);
        } catch (IOException e) {
            throw new ModelFileException(configFile, "cannot be read: " + e.getMessage(), e);
        }
        var file = SafetensorsFile.open(directory.resolve(PEFT_WEIGHTS));
        var rest = new LinkedHashMap<>(file.metadata());
        rest.remove("format");
        return new AdapterWeights(
                file.path().toString(),
                AdapterMetadata.read(configFile, text, ""),
                new AdapterTensors(file, PEFT).read(),
                rest);
    }

    /** Writes the diffusers form; the file appears whole or not at all. */
    public static void writeDiffusers(Path file, AdapterWeights adapter) {
        var header = new LinkedHashMap<String, String>(adapter.metadata());
        header.put("format", "pt");
        header.put(METADATA, AdapterMetadata.write(adapter.config(), UNET));
        SafetensorsWriter.write(file, tensors(adapter, UNET), header);
    }

    /** Writes a peft directory, made if need be. The configuration comes last. */
    public static void writePeft(Path directory, AdapterWeights adapter) {
        var header = new LinkedHashMap<String, String>(adapter.metadata());
        header.put("format", "pt");
        var configFile = directory.resolve(PEFT_CONFIG);
        try {
            Files.createDirectories(directory);
            SafetensorsWriter.write(
                    directory.resolve(PEFT_WEIGHTS), tensors(adapter, PEFT), header);
            Files.writeString(configFile, AdapterMetadata.write(adapter.config(), ""));
        } catch (IOException e) {
            throw new ModelFileException(configFile, "cannot be written: " + e, e);
        }
    }

    private static Map<String, Tensor> tensors(AdapterWeights adapter, String prefix) {
        var tensors = new LinkedHashMap<String, Tensor>();
        adapter.modules()
                .forEach(
                        (path, f) -> {
                            var key = prefix + path;
                            tensors.put(
                                    key + ".lora_A.weight", Tensor.f32(f.a(), f.rank(), f.in()));
                            tensors.put(
                                    key + ".lora_B.weight", Tensor.f32(f.b(), f.out(), f.rank()));
                            if (f.isDora()) {
                                tensors.put(
                                        key + ".lora_magnitude_vector",
                                        Tensor.f32(f.magnitude(), f.out()));
                            }
                        });
        return tensors;
    }
}
