package io.mitune.diffusion.adapter;

import io.mitune.diffusion.adapter.AdapterKey.Part;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Keys of diffusers and peft: a prefix, the module's dotted path, an ending.
 *
 * <p>Reads all that diffusers reads: {@code to_q.lora_A.weight}, {@code to_q.lora.down.weight} and
 * {@code processor.to_q_lora.down.weight}. Immutable.
 *
 * @param prefix what every key starts with, such as {@code unet.}
 */
record DiffusersKeys(String prefix) implements KeyNames {
    private static final Map<String, Part> ENDINGS =
            new TreeMap<>(
                    Map.of(
                            ".lora_A.weight", Part.A,
                            ".lora_B.weight", Part.B,
                            ".lora.down.weight", Part.A,
                            ".lora.up.weight", Part.B,
                            "_lora.down.weight", Part.A,
                            "_lora.up.weight", Part.B,
                            ".lora_magnitude_vector", Part.MAGNITUDE,
                            ".lora_magnitude_vector.weight", Part.MAGNITUDE,
                            ".alpha", Part.ALPHA));

    @Override
    public Optional<AdapterKey> read(String key) {
        if (!key.startsWith(prefix)) {
            return Optional.empty();
        }
        var name = key.substring(prefix.length()).replace(".processor.", ".");
        return ENDINGS.keySet().stream()
                .filter(name::endsWith)
                .filter(e -> name.length() > e.length())
                .findFirst()
                .map(
                        e ->
                                new AdapterKey(
                                        path(name.substring(0, name.length() - e.length())),
                                        ENDINGS.get(e)));
    }

    /** The older names leave out that the projection is the first of a list. */
    private static String path(String name) {
        return name.endsWith(".to_out") ? name + ".0" : name;
    }

    @Override
    public String expected() {
        return prefix + "<module> with lora_A, lora_B, lora.down, lora.up or lora_magnitude_vector";
    }

    /** The key of a tensor in peft's names. */
    String write(String path, Part part) {
        return prefix
                + path
                + switch (part) {
                    case A -> ".lora_A.weight";
                    case B -> ".lora_B.weight";
                    case MAGNITUDE -> ".lora_magnitude_vector";
                    case ALPHA -> ".alpha";
                };
    }

    /** The key of a tensor in the names that diffusers had before peft. */
    String writeOld(String path, Part part) {
        return switch (part) {
            case A -> prefix + path + ".lora.down.weight";
            case B -> prefix + path + ".lora.up.weight";
            default -> write(path, part);
        };
    }
}
