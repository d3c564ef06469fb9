package io.mitune.diffusion.adapter;

import io.mitune.diffusion.adapter.AdapterKey.Part;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.SafetensorsWriter;
import io.mitune.diffusion.safetensors.Tensor;
import io.mitune.diffusion.safetensors.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads and writes adapters in the forms that other tools know; {@link AdapterFormat} says which of
 * them keep a DoRA adapter as it is.
 *
 * <p>diffusers: {@value #DIFFUSERS_NAME}, keys {@code unet.<module>.lora_A.weight}, {@code
 * .lora_B.weight}, {@code .lora_magnitude_vector} ({@code transformer.} for Stable Diffusion 3);
 * the configuration is JSON in the header. peft: {@value #PEFT_CONFIG} beside {@value
 * #PEFT_WEIGHTS}, the same keys under {@value #PEFT_PREFIX}. kohya: {@code
 * lora_unet_<module>.lora_down.weight}, {@code .lora_up.weight}, {@code .alpha}, {@code
 * .dora_scale}. Stateless.
 */
public final class AdapterFile {
    /** File name that diffusers looks for. */
    public static final String DIFFUSERS_NAME = "pytorch_lora_weights.safetensors";

    public static final String PEFT_CONFIG = "adapter_config.json";
    public static final String PEFT_WEIGHTS = "adapter_model.safetensors";

    static final String PEFT_PREFIX = "base_model.model.";
    static final String METADATA = "lora_adapter_metadata";

    private AdapterFile() {}

    /**
     * Reads an adapter in any form: a file, a directory that holds a diffusers file, or a peft
     * directory.
     *
     * @throws ModelFileException in one line that names file and key
     */
    public static AdapterWeights read(Path path) {
        return open(path, Optional.empty()).adapter();
    }

    /**
     * Reads an adapter and says what form it had.
     *
     * @param base tells how kohya counts the blocks of an unusual UNet
     */
    public static StoredAdapter open(Path path, Optional<BaseModel> base) {
        var usual = new KohyaNames(KohyaNames.Naming.DIFFUSERS, KohyaNames.USUAL_LAYERS);
        return new AdapterReader(base.map(BaseModel::kohyaNames).orElse(usual)).read(path);
    }

    /** Writes the diffusers form in fp32; the file appears whole or not at all. */
    public static void writeDiffusers(Path file, AdapterWeights adapter) {
        write(file, AdapterFormat.DIFFUSERS, adapter, Dtype.FP32, Optional.empty());
    }

    /**
     * Writes an adapter.
     *
     * @param path a file, for peft a directory, made if need be; its configuration comes last
     * @param format one of those that need no model
     * @param base whose names a kohya file takes; guessed without
     * @throws ModelFileException if it cannot be written, or the form has no name for a module
     */
    public static void write(
            Path path,
            AdapterFormat format,
            AdapterWeights adapter,
            Dtype dtype,
            Optional<BaseModel> base) {
        var type = FloatTensors.type(dtype);
        try {
            switch (format) {
                case DIFFUSERS, DIFFUSERS_OLD -> diffusers(path, format, adapter, type);
                case PEFT -> peft(path, adapter, type);
                case KOHYA -> kohya(path, adapter, type, base);
                default -> throw new IllegalArgumentException(format.label() + " needs a model");
            }
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(path, e.getMessage(), e);
        }
    }

    private static void diffusers(
            Path file, AdapterFormat format, AdapterWeights adapter, TensorType type) {
        var prefix = adapter.component().prefix();
        var header = header(adapter);
        header.put(METADATA, AdapterMetadata.write(adapter.config(), prefix));
        var keys = new DiffusersKeys(prefix);
        var tensors = new LinkedHashMap<String, Tensor>();
        boolean old = format == AdapterFormat.DIFFUSERS_OLD;
        adapter.modules()
                .forEach(
                        (path, f) ->
                                factors(f, type)
                                        .forEach(
                                                (part, tensor) ->
                                                        tensors.put(
                                                                old
                                                                        ? keys.writeOld(path, part)
                                                                        : keys.write(path, part),
                                                                tensor)));
        SafetensorsWriter.write(file, tensors, header);
    }

    private static void peft(Path directory, AdapterWeights adapter, TensorType type) {
        var keys = new DiffusersKeys(PEFT_PREFIX);
        var tensors = new LinkedHashMap<String, Tensor>();
        adapter.modules()
                .forEach(
                        (path, f) ->
                                factors(f, type)
                                        .forEach((p, t) -> tensors.put(keys.write(path, p), t)));
        var configFile = directory.resolve(PEFT_CONFIG);
        try {
            Files.createDirectories(directory);
            SafetensorsWriter.write(directory.resolve(PEFT_WEIGHTS), tensors, header(adapter));
            Files.writeString(configFile, AdapterMetadata.write(adapter.config(), ""));
        } catch (IOException e) {
            throw new ModelFileException(configFile, "cannot be written: " + e, e);
        }
    }

    /** No configuration in the header: diffusers takes either that or alphas, not both. */
    private static void kohya(
            Path file, AdapterWeights adapter, TensorType type, Optional<BaseModel> base) {
        var names =
                base.map(BaseModel::kohyaNames)
                        .orElseGet(() -> KohyaNames.guess(adapter.modules().keySet()));
        var tensors = new LinkedHashMap<String, Tensor>();
        for (var module : names.modules(adapter.modules().keySet())) {
            var f = factors(adapter, module);
            var parts = factors(f, type);
            parts.computeIfPresent(
                    Part.MAGNITUDE,
                    (p, t) -> new Tensor(t.type(), List.of((long) f.out(), 1L), t.data()));
            var alpha = (float) (adapter.config().scale() * f.rank());
            parts.put(Part.ALPHA, tensor("alpha", new float[] {alpha}, TensorType.F32));
            parts.forEach((part, t) -> tensors.put(KohyaKeys.write(module.name(), part), t));
        }
        SafetensorsWriter.write(file, tensors, header(adapter));
    }

    private static LoraFactors factors(AdapterWeights adapter, KohyaNames.Module module) {
        var parts =
                module.paths().stream()
                        .map(p -> p.map(adapter.modules()::get).stream().toList())
                        .toList();
        try {
            return parts.size() == 1 ? parts.get(0).get(0) : FusedFactors.together(parts);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(module.name() + ": " + e.getMessage(), e);
        }
    }

    private static Map<Part, Tensor> factors(LoraFactors f, TensorType type) {
        var parts = new TreeMap<Part, Tensor>();
        parts.put(Part.A, tensor("A", f.a(), type, f.rank(), f.in()));
        parts.put(Part.B, tensor("B", f.b(), type, f.out(), f.rank()));
        if (f.isDora()) {
            parts.put(Part.MAGNITUDE, tensor("magnitude", f.magnitude(), type, f.out()));
        }
        return parts;
    }

    private static Tensor tensor(String what, float[] values, TensorType type, long... shape) {
        return new Tensor(
                type,
                Arrays.stream(shape).boxed().toList(),
                FloatTensors.bytes(what, values, type));
    }

    private static Map<String, String> header(AdapterWeights adapter) {
        var header = new LinkedHashMap<String, String>(adapter.metadata());
        header.put("format", "pt");
        return header;
    }
}
