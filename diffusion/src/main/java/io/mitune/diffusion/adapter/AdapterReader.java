package io.mitune.diffusion.adapter;

import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells which form an adapter on disk has and reads it.
 *
 * <p>The form follows from the files and their keys, never from a name that a user chose. Stateless
 * but for the names of kohya's modules.
 */
final class AdapterReader {
    private static final Logger log = LoggerFactory.getLogger(AdapterReader.class);
    private static final long MAX_CONFIG = 1 << 20;
    private static final String PICKLED = "(?i).*\\.(bin|pt|pth|ckpt|pkl)";

    private final KohyaNames kohya;

    AdapterReader(KohyaNames kohya) {
        this.kohya = kohya;
    }

    StoredAdapter read(Path path) {
        if (Files.exists(path.resolve(AdapterFile.PEFT_CONFIG))) {
            return peft(path);
        }
        var config = path.resolveSibling(AdapterFile.PEFT_CONFIG);
        if (path.endsWith(AdapterFile.PEFT_WEIGHTS) && Files.exists(config)) {
            return peft(path.toAbsolutePath().getParent());
        }
        var file = weights(path, AdapterFile.DIFFUSERS_NAME);
        return file.names().stream().anyMatch(KohyaKeys::matches) ? kohya(file) : diffusers(file);
    }

    /** The file, or the one in a folder; a pickle is never opened, since reading one runs it. */
    private static SafetensorsFile weights(Path path, String name) {
        var file = Files.isDirectory(path) ? path.resolve(name) : path;
        var pickle = Path.of(file.toString().replaceFirst("\\.safetensors$", ".bin"));
        if (file.toString().matches(PICKLED) || !Files.exists(file) && Files.exists(pickle)) {
            throw new ModelFileException(
                    file.toString().matches(PICKLED) ? file : pickle,
                    "a pickle, expected .safetensors; reading a pickle can run any program, so save"
                            + " it again as safetensors");
        }
        if (!Files.exists(file)) {
            throw new ModelFileException(
                    path,
                    Files.isDirectory(path)
                            ? "expected %s or %s in this folder, found neither"
                                    .formatted(name, AdapterFile.PEFT_CONFIG)
                            : "expected an adapter, a file or folder of diffusers, peft or kohya,"
                                    + " found nothing there");
        }
        return SafetensorsFile.open(file);
    }

    private StoredAdapter kohya(SafetensorsFile file) {
        try {
            var modules = FusedFactors.apart(new AdapterTensors(file, new KohyaKeys(kohya)).read());
            var rest = new LinkedHashMap<>(file.metadata());
            rest.remove("format");
            return stored(file, AdapterFormat.KOHYA, assumed(file, modules, rest));
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(file.path(), e.getMessage(), e);
        }
    }

    private static StoredAdapter diffusers(SafetensorsFile file) {
        var prefix = prefix(file);
        var stored = new AdapterTensors(file, new DiffusersKeys(prefix)).read();
        var rest = new LinkedHashMap<>(file.metadata());
        rest.keySet().removeAll(Set.of(AdapterFile.METADATA, "format"));
        var text = file.metadata().get(AdapterFile.METADATA);
        var adapter =
                text == null
                        ? assumed(file, stored, rest)
                        : configured(
                                file,
                                AdapterMetadata.read(file.path(), text, prefix),
                                stored,
                                rest);
        requirePrefix(file, prefix, adapter.component());
        boolean old = file.names().stream().noneMatch(k -> k.endsWith(".lora_A.weight"));
        return stored(file, old ? AdapterFormat.DIFFUSERS_OLD : AdapterFormat.DIFFUSERS, adapter);
    }

    /** Files of attention processors alone have no prefix. */
    private static String prefix(SafetensorsFile file) {
        for (var key : file.names()) {
            for (var component : Component.values()) {
                if (key.startsWith(component.prefix())) {
                    return component.prefix();
                }
            }
        }
        if (file.names().stream().anyMatch(k -> k.matches("(down|mid|up)_blocks?\\..*lora.*"))) {
            return "";
        }
        var found = file.names().isEmpty() ? "none" : file.names().iterator().next();
        throw new ModelFileException(
                file.path(),
                "expected keys such as unet.<module>.lora_A.weight, transformer.<module>."
                        + "lora_A.weight or lora_unet_<module>.lora_down.weight, found "
                        + found
                        + (found.startsWith(AdapterFile.PEFT_PREFIX)
                                ? "; peft's file is read by its folder, with "
                                        + AdapterFile.PEFT_CONFIG
                                : ""));
    }

    private static void requirePrefix(SafetensorsFile file, String prefix, Component component) {
        if (!prefix.isEmpty() && !prefix.equals(component.prefix())) {
            throw new ModelFileException(
                    file.path(),
                    "expected keys that start with %s for modules of a %s, found %s"
                            .formatted(component.prefix(), component.label(), prefix));
        }
    }

    private static StoredAdapter peft(Path directory) {
        var configFile = directory.resolve(AdapterFile.PEFT_CONFIG);
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
        var config = AdapterMetadata.read(configFile, text, "");
        var file = weights(directory, AdapterFile.PEFT_WEIGHTS);
        var stored = new AdapterTensors(file, new DiffusersKeys(AdapterFile.PEFT_PREFIX)).read();
        var rest = new LinkedHashMap<>(file.metadata());
        rest.remove("format");
        return stored(file, AdapterFormat.PEFT, configured(file, config, stored, rest));
    }

    private static AdapterWeights configured(
            SafetensorsFile file,
            DoraConfig config,
            SortedMap<String, StoredFactors> stored,
            Map<String, String> metadata) {
        var modules = new TreeMap<String, LoraFactors>();
        stored.forEach(
                (path, s) -> {
                    if (s.alpha().orElse(config.alpha()) != config.alpha()) {
                        throw new ModelFileException(
                                file.path(),
                                "%s: expected alpha %s as in the configuration, found %s"
                                        .formatted(path, config.alpha(), s.alpha().getAsDouble()));
                    }
                    modules.put(path, s.factors());
                });
        return new AdapterWeights(file.path().toString(), config, modules, metadata);
    }

    /** What other programs assume of a file without configuration, said aloud. */
    private static AdapterWeights assumed(
            SafetensorsFile file,
            SortedMap<String, StoredFactors> stored,
            Map<String, String> metadata) {
        if (stored.isEmpty()) {
            throw new ModelFileException(file.path(), "no adapter weights, expected some");
        }
        var adapter = UniformFactors.of(file.path().toString(), stored, metadata);
        if (stored.values().stream().anyMatch(s -> s.alpha().isEmpty())) {
            log.warn(
                    "{}: no {} in the header; alpha is taken to be the rank, {}",
                    file.path(),
                    AdapterFile.METADATA,
                    adapter.config().rank());
        }
        return adapter;
    }

    private static StoredAdapter stored(
            SafetensorsFile file, AdapterFormat format, AdapterWeights adapter) {
        var types = file.names().stream().map(k -> file.info(k).type().name()).distinct().sorted();
        return new StoredAdapter(format, List.copyOf(types.toList()), adapter);
    }
}
