package io.mitune.diffusion.adapter;

import io.mitune.diffusion.adapter.AdapterKey.Part;
import java.util.Map;
import java.util.Optional;

/**
 * Keys of kohya's files: {@code lora_unet_} (for transformers, too), a name with underscores, a dot
 * and an ending. Immutable.
 */
record KohyaKeys(KohyaNames names) implements KeyNames {
    static final String PREFIX = "lora_unet_";

    /** OneTrainer's prefix for diffusers' names of Stable Diffusion 3. */
    private static final String TRANSFORMER_PREFIX = "lora_transformer_";

    private static final Map<String, Part> ENDINGS =
            Map.of(
                    "lora_down.weight", Part.A,
                    "lora_up.weight", Part.B,
                    "dora_scale", Part.MAGNITUDE,
                    "alpha", Part.ALPHA);

    static boolean matches(String key) {
        return key.startsWith("lora_") && key.contains(".");
    }

    @Override
    public Optional<AdapterKey> read(String key) {
        int dot = key.indexOf('.');
        var part = Optional.ofNullable(ENDINGS.get(key.substring(dot + 1)));
        var prefix = key.startsWith(PREFIX) ? PREFIX : TRANSFORMER_PREFIX;
        if (part.isEmpty() || !key.startsWith(prefix) || dot <= prefix.length()) {
            return Optional.empty();
        }
        return Optional.of(
                new AdapterKey(names.path(key.substring(prefix.length(), dot)), part.get()));
    }

    @Override
    public String expected() {
        return PREFIX + "<module> with lora_down.weight, lora_up.weight, alpha or dora_scale";
    }

    static String write(String name, Part part) {
        return PREFIX
                + name
                + switch (part) {
                    case A -> ".lora_down.weight";
                    case B -> ".lora_up.weight";
                    case MAGNITUDE -> ".dora_scale";
                    case ALPHA -> ".alpha";
                };
    }
}
